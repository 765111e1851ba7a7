// What the log costs: appending durably, verifying a whole log, proofs and receipts.
//
// Appending to the file store, storing a body and the journal are dominated by the disk's sync, so their
// figures are wall-clock time and belong to the machine's disk; TMPDIR chooses which. `SyncAlone` is that
// disk's bound: the same bytes written to a file that grows, and synced, by nobody's store. What the store
// itself costs is `AppendWithoutDisk`, processor time of 100,000 appends to a file in memory, where a sync
// does nothing. Verifying is two SHA-256 passes over the records: VerifyLog as `audit --log` does it, with
// the checkpoint's signature and root, in bounded memory; OpenStore for a store that can also prove. The
// baseline is two SHA-256 passes over the file in one piece.
#include "support/measure.hpp"
#include "support/scratch_folder.hpp"

#include <veilsum/audit/checkpoint_signing.hpp>
#include <veilsum/audit/file_store.hpp>
#include <veilsum/audit/journal.hpp>
#include <veilsum/audit/log_frame.hpp>
#include <veilsum/audit/log_reader.hpp>
#include <veilsum/audit/receipt.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

namespace {

using namespace veilsum;
using namespace veilsum::audit;
using bench::scratch_folder;

const std::string origin = "example.org/bench";

const sign::signing_key& log_key() {
    static const sign::signing_key key =
        sign::signing_key::from_seed(secret<byte_array<32>>(byte_array<32>{1, 2, 3}));
    return key;
}

memory_store store_of(std::uint64_t count, std::size_t body_bytes) {
    memory_store store;
    const bytes body(body_bytes, 0x5a);
    for (std::uint64_t i = 0; i < count; ++i)
        if (!store.append(1, 1, body)) std::abort();
    return store;
}

// The file that a file_store of these records would hold, written without a sync a record.
void write_log(const std::filesystem::path& folder, const memory_store& store) {
    if (!file_store::create(folder)) std::abort();
    auto file = posix_file::open((folder / "log").native(), posix_file::access::write);
    std::uint64_t end = log_magic.size();
    const auto written = for_each_record(store, [&](const record& entry) -> result<void> {
        const bytes canonical = entry.serialize();
        const bytes frame = log_frame(canonical, record_hash(byte_view(canonical)));
        end += frame.size();
        return file->write_at(end - frame.size(), frame);
    });
    if (!written) std::abort();
}

void append_to_file(benchmark::State& state) {
    state.SetLabel("record");
    const scratch_folder folder;
    auto store = file_store::create(folder / "log");
    if (!store) return state.SkipWithError("cannot create");
    const bytes body(static_cast<std::size_t>(state.range(0)), 0x5a);
    for (auto _ : state)
        if (!store->append(1, 1, body)) return state.SkipWithError("cannot append");
    if (store->size() != static_cast<std::uint64_t>(state.iterations())) state.SkipWithError("wrong size");
}
BENCHMARK(append_to_file)
    ->Name("Audit/AppendToFile")
    ->ArgName("body_bytes")
    ->Arg(300)
    ->Arg(16384)
    ->UseRealTime();

// The frame of such a record alone: the disk's bound for one append.
void sync_alone(benchmark::State& state) {
    state.SetLabel("sync");
    const scratch_folder folder;
    auto file = posix_file::open((folder / "file").native(), posix_file::access::create);
    if (!file) return state.SkipWithError("cannot create");
    const auto frame_bytes = frame_length_bytes + record_header_bytes +
                             static_cast<std::size_t>(state.range(0)) + frame_check_bytes;
    const bytes frame(frame_bytes, 0x5a);
    std::uint64_t end = 0;
    for (auto _ : state) {
        if (!file->write_at(end, frame) || !file->sync()) return state.SkipWithError("cannot write");
        end += frame.size();
    }
}
BENCHMARK(sync_alone)->Name("Audit/SyncAlone")->ArgName("body_bytes")->Arg(300)->Arg(16384)->UseRealTime();

void append_without_disk(benchmark::State& state) {
    const std::filesystem::path in_memory = "/dev/shm";
    if (!std::filesystem::exists(in_memory)) return state.SkipWithError("no folder in memory");
    const auto count = static_cast<std::uint64_t>(state.range(0));
    const bytes body(static_cast<std::size_t>(state.range(1)), 0x5a);
    bench::measure(state, "record", count, [&] {
        const scratch_folder folder(in_memory);
        auto store = file_store::create(folder / "log");
        for (std::uint64_t i = 0; i < count; ++i)
            if (!store || !store->append(1, 1, body)) std::abort();
    });
}
BENCHMARK(append_without_disk)
    ->Name("Audit/AppendWithoutDisk")
    ->ArgNames({"records", "body_bytes"})
    ->Args({100000, 300})
    ->UseManualTime();

void append_to_memory(benchmark::State& state) {
    state.SetLabel("record");
    memory_store store;
    const bytes body(static_cast<std::size_t>(state.range(0)), 0x5a);
    for (auto _ : state)
        if (!store.append(1, 1, body)) return state.SkipWithError("cannot append");
    if (store.size() != static_cast<std::uint64_t>(state.iterations())) state.SkipWithError("wrong size");
}
BENCHMARK(append_to_memory)
    ->Name("Audit/AppendToMemory")
    ->ArgName("body_bytes")
    ->Arg(300)
    ->Arg(16384)
    ->Iterations(20000);

void put_body(benchmark::State& state) {
    state.SetLabel("body");
    const scratch_folder folder;
    auto store = file_store::create(folder / "log");
    if (!store) return state.SkipWithError("cannot create");
    bytes body(static_cast<std::size_t>(state.range(0)), 0x5a);
    std::uint64_t number = 0;
    for (auto _ : state) {
        for (std::size_t i = 0; i < 8; ++i) body[i] = static_cast<std::uint8_t>(number >> (8 * i));
        ++number;
        if (!store->put_body(body)) return state.SkipWithError("cannot store");
    }
}
BENCHMARK(put_body)->Name("Audit/PutBody")->ArgName("body_bytes")->Arg(1 << 16)->Arg(1 << 22)->UseRealTime();

// Both passes' hashing of the file's bytes alone.
void hash_twice(const bytes& content) {
    benchmark::DoNotOptimize(hash::sha256(content));
    benchmark::DoNotOptimize(hash::sha256(content));
}
bytes content_of(const std::filesystem::path& path) {
    auto file = posix_file::open(path.native(), posix_file::access::read);
    bytes content(static_cast<std::size_t>(*file->size()));
    if (!file->read_at(0, content)) std::abort();
    return content;
}

void verify_log(benchmark::State& state) {
    const scratch_folder folder;
    const auto count = static_cast<std::uint64_t>(state.range(0));
    const memory_store model = store_of(count, static_cast<std::size_t>(state.range(1)));
    write_log(folder / "log", model);
    const bytes content = content_of(folder / "log/log");
    const std::string note = sign_checkpoint({origin, model.size(), model.root()}, origin, log_key());
    const auto verify = [&] {
        const auto log = log_reader::open((folder / "log").native());
        const auto tip = verify_checkpoint(note, origin, log_key().verifying());
        return log && tip && tip->size == log->size() && tip->root == log->root();
    };
    if (!verify()) return state.SkipWithError("a good log was refused");
    bench::compare(
        state, "record", count, [&] { benchmark::DoNotOptimize(verify()); }, count,
        [&] { hash_twice(content); });
    state.counters["bytes"] = static_cast<double>(content.size()) / static_cast<double>(count);
    state.counters["per_second"] = 1e6 / state.counters["us"];
}
BENCHMARK(verify_log)
    ->Name("Audit/VerifyLog")
    ->ArgNames({"records", "body_bytes"})
    ->Args({1000, 300})
    ->Args({100000, 300})
    ->Args({1000, 16384})
    ->UseManualTime();

void open_store(benchmark::State& state) {
    const scratch_folder folder;
    const auto count = static_cast<std::uint64_t>(state.range(0));
    const memory_store model = store_of(count, static_cast<std::size_t>(state.range(1)));
    write_log(folder / "log", model);
    const auto open = [&] {
        const auto store = file_store::open_for_reading(folder / "log");
        return store && store->root() == model.root();
    };
    if (!open()) return state.SkipWithError("wrong root");
    bench::measure(state, "record", count, [&] { benchmark::DoNotOptimize(open()); });
}
BENCHMARK(open_store)
    ->Name("Audit/OpenStore")
    ->ArgNames({"records", "body_bytes"})
    ->Args({100000, 300})
    ->UseManualTime();

void append_to_journal(benchmark::State& state) {
    state.SetLabel("entry");
    const scratch_folder folder;
    auto opened = journal::open(folder / "journal");
    if (!opened) return state.SkipWithError("cannot create");
    const bytes entry(static_cast<std::size_t>(state.range(0)), 0x5a);
    for (auto _ : state)
        if (!opened->append(entry)) return state.SkipWithError("cannot append");
}
BENCHMARK(append_to_journal)->Name("Audit/AppendToJournal")->ArgName("entry_bytes")->Arg(100)->UseRealTime();

void root(benchmark::State& state) {
    state.SetLabel("root");
    const memory_store store = store_of(static_cast<std::uint64_t>(state.range(0)), 0);
    if (store.root() != store.tree().root(store.size())) return state.SkipWithError("wrong root");
    for (auto _ : state) benchmark::DoNotOptimize(store.root());
}
BENCHMARK(root)->Name("Audit/Root")->ArgName("records")->Arg(99999);

void prove_inclusion(benchmark::State& state) {
    state.SetLabel("proof");
    const memory_store store = store_of(static_cast<std::uint64_t>(state.range(0)), 0);
    std::uint64_t index = 0;
    inclusion_proof proof;
    for (auto _ : state) {
        index = (index + 7919) % store.size();
        proof = store.tree().inclusion(index);
        benchmark::DoNotOptimize(proof);
    }
    if (!verify_inclusion(store.root(), store.size(), index, leaf_hash(store.read(index)->serialize()),
                          proof))
        state.SkipWithError("wrong proof");
    state.counters["bytes"] = static_cast<double>(32 * proof.path.size());
}
BENCHMARK(prove_inclusion)->Name("Audit/ProveInclusion")->ArgName("records")->Arg(99999);

void prove_and_verify_consistency(benchmark::State& state) {
    state.SetLabel("proof");
    const memory_store store = store_of(static_cast<std::uint64_t>(state.range(0)), 0);
    const std::uint64_t old = store.size() * 2 / 3;
    const auto old_root = store.tree().root(old);
    const auto new_root = store.root();
    for (auto _ : state) {
        const auto proof = store.tree().consistency(old);
        if (!verify_consistency(old_root, old, new_root, store.size(), proof))
            return state.SkipWithError("wrong proof");
    }
}
BENCHMARK(prove_and_verify_consistency)
    ->Name("Audit/ProveAndVerifyConsistency")
    ->ArgName("records")
    ->Arg(99999);

void verify_receipt(benchmark::State& state) {
    state.SetLabel("receipt");
    const memory_store store = store_of(static_cast<std::uint64_t>(state.range(0)), 300);
    const std::string note = sign_checkpoint({origin, store.size(), store.root()}, origin, log_key());
    const auto issued = issue_receipt(store, store.size() / 2, note);
    if (!issued) return state.SkipWithError("cannot issue");
    for (auto _ : state)
        if (!issued->verify(origin, log_key().verifying())) return state.SkipWithError("wrong receipt");
    state.counters["bytes"] = static_cast<double>(issued->serialize().size());
}
BENCHMARK(verify_receipt)->Name("Audit/VerifyReceipt")->ArgName("records")->Arg(1000);

} // namespace
