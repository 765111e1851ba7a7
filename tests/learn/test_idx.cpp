#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <veilsum/learn/idx.hpp>

#include <sys/resource.h>
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using namespace veilsum::learn;
using veilsum::errc;
namespace test = veilsum::test;

namespace {

using file_bytes = std::vector<std::uint8_t>;

file_bytes idx(std::uint8_t type, const std::vector<std::uint32_t>& shape, const file_bytes& entries) {
    file_bytes out = {0, 0, type, static_cast<std::uint8_t>(shape.size())};
    for (const std::uint32_t size : shape)
        for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(size >> shift));
    out.insert(out.end(), entries.begin(), entries.end());
    return out;
}

file_bytes counted(std::size_t count) {
    file_bytes entries(count);
    for (std::size_t i = 0; i < count; ++i) entries[i] = static_cast<std::uint8_t>(i * 85);
    return entries;
}

void write_zipped(const std::filesystem::path& path, const file_bytes& content) {
    const gzFile file = gzopen(path.c_str(), "wb");
    const bool written =
        file != nullptr && gzwrite(file, content.data(), static_cast<unsigned>(content.size())) ==
                               static_cast<int>(content.size());
    if (gzclose(file) != Z_OK || !written) throw std::runtime_error("cannot write " + path.native());
}

template <class Result>
void check_error(const Result& read, errc code, std::string_view what, const std::string& place) {
    REQUIRE(!read);
    CHECK(read.error().code == code);
    CHECK(read.error().what == what);
    CHECK(read.error().place == place);
}

// A file of its own for each case: what it holds, and the error that reading it must give.
void check_refused(const file_bytes& content, std::size_t rank, errc code, std::string_view what) {
    const test::temporary_folder folder;
    for (const bool zipped : {false, true}) {
        const auto path = folder / (zipped ? "case.gz" : "case");
        zipped ? write_zipped(path, content) : test::write_whole_file(path, content);
        check_error(idx_file::read(path, rank), code, what, path.string());
    }
}

long peak_kib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

} // namespace

TEST_CASE("idx: plain and gzipped files read alike", "[learn]") {
    const test::temporary_folder folder;
    const file_bytes content = idx(8, {2, 2, 3}, counted(12));
    test::write_whole_file(folder / "plain", content);
    write_zipped(folder / "zipped.gz", content);
    for (const auto* name : {"plain", "zipped.gz"}) {
        const auto read = idx_file::read(folder / name, 3);
        REQUIRE(read);
        CHECK(read->shape == std::vector<std::uint32_t>{2, 2, 3});
        CHECK(read->entries == counted(12));
    }
}

TEST_CASE("idx: a file of more than one block of memory", "[learn]") {
    const test::temporary_folder folder;
    const file_bytes entries = counted((std::size_t{1} << 22) + 5);
    write_zipped(folder / "large.gz", idx(8, {static_cast<std::uint32_t>(entries.size())}, entries));
    const auto read = idx_file::read(folder / "large.gz", 1);
    REQUIRE(read);
    CHECK(read->entries == entries);
}

TEST_CASE("idx: what breaks off is refused", "[learn]") {
    const file_bytes whole = idx(8, {2, 3}, counted(6));
    for (const std::size_t length : {0u, 1u, 3u, 4u, 7u, 8u, 11u}) {
        const auto end = whole.begin() + static_cast<std::ptrdiff_t>(length);
        check_refused({whole.begin(), end}, 2, errc::malformed, "truncated IDX header");
    }
    for (const std::size_t length : {12u, 17u}) {
        const auto end = whole.begin() + static_cast<std::ptrdiff_t>(length);
        check_refused({whole.begin(), end}, 2, errc::malformed, "truncated IDX file");
    }
}

TEST_CASE("idx: bytes behind the end are refused", "[learn]") {
    file_bytes content = idx(8, {2, 3}, counted(6));
    content.push_back(0);
    check_refused(content, 2, errc::malformed, "bytes behind the end of the IDX file");
}

TEST_CASE("idx: wrong magic and wrong rank are refused", "[learn]") {
    for (const std::size_t at : {0u, 1u}) {
        file_bytes content = idx(8, {2, 3}, counted(6));
        content[at] = 1;
        check_refused(content, 2, errc::malformed, "not an IDX file of bytes");
    }
    check_refused(idx(0x0d, {2, 3}, counted(24)), 2, errc::malformed, "not an IDX file of bytes"); // floats
    check_refused(idx(8, {2, 3}, counted(6)), 1, errc::malformed, "rank of the IDX file");
    check_refused(idx(8, {2, 3}, counted(6)), 3, errc::malformed, "rank of the IDX file");
}

TEST_CASE("idx: a header that claims much costs nothing", "[learn]") {
    const long before = peak_kib();
    const auto limit = static_cast<std::uint32_t>(idx_file::max_entries);
    check_refused(idx(8, {limit + 1}, {}), 1, errc::overflow, "size of the IDX file");
    check_refused(idx(8, {0xffffffffu, 0xffffffffu, 0xffffffffu}, {}), 3, errc::overflow,
                  "size of the IDX file");
    check_refused(idx(8, {1u << 15, 1u << 15, 2}, {}), 3, errc::overflow, "size of the IDX file");
    // Just within the limit: the bytes are missing, and nothing was allocated for them.
    check_refused(idx(8, {limit}, {}), 1, errc::malformed, "truncated IDX file");
    check_refused(idx(8, {1u << 15, 1u << 15, 1}, {}), 3, errc::malformed, "truncated IDX file");
    CHECK(peak_kib() - before < 128 * 1024);
}

TEST_CASE("idx: a damaged or cut gzip file is refused even when all its bytes came out", "[learn]") {
    const test::temporary_folder folder;
    write_zipped(folder / "good.gz", idx(8, {2, 3}, counted(6)));
    const file_bytes good = test::read_whole_file(folder / "good.gz");
    const auto refused = [&](const file_bytes& content, std::string_view what) {
        test::write_whole_file(folder / "bad.gz", content);
        check_error(idx_file::read(folder / "bad.gz", 2), errc::malformed, what,
                    (folder / "bad.gz").string());
    };
    // The last eight bytes are checksum and length of the content.
    for (const std::size_t from_end : {1u, 4u, 5u, 8u}) {
        file_bytes damaged = good;
        damaged[damaged.size() - from_end] ^= 1;
        refused(damaged, "damaged gzip file");
    }
    for (const std::size_t cut : {1u, 4u, 8u, 9u})
        refused({good.begin(), good.end() - static_cast<std::ptrdiff_t>(cut)}, "truncated gzip file");
}

TEST_CASE("idx: a missing file and a folder are named", "[learn]") {
    const test::temporary_folder folder;
    check_error(idx_file::read(folder / "absent", 1), errc::io, "cannot open file",
                (folder / "absent").string());
    check_error(idx_file::read(folder.path(), 1), errc::io, "cannot read file", folder.path().string());
}

TEST_CASE("idx images: values, shape and classes", "[learn]") {
    const test::temporary_folder folder;
    test::write_whole_file(folder / "images", idx(8, {2, 1, 2}, {0, 255, 51, 102}));
    test::write_whole_file(folder / "labels", idx(8, {2}, {9, 0}));
    const auto read = read_idx_images(folder / "images", folder / "labels", 10);
    REQUIRE(read);
    CHECK(read->size() == 2);
    CHECK(read->features() == 2);
    CHECK(read->classes == 10);
    CHECK(read->labels == std::vector<std::int32_t>{9, 0});
    CHECK(read->inputs(0, 0) == 0.0F);
    CHECK(read->inputs(0, 1) == 1.0F);
    CHECK(read->inputs(1, 0) == 0.2F);
    CHECK(read->inputs(1, 1) == 0.4F);
}

TEST_CASE("idx images: what does not belong together is refused", "[learn]") {
    const test::temporary_folder folder;
    const auto images = folder / "images", labels = folder / "labels";
    const auto refused = [&](const file_bytes& image_file, const file_bytes& label_file, errc code,
                             std::string_view what, const std::string& place) {
        test::write_whole_file(images, image_file);
        test::write_whole_file(labels, label_file);
        check_error(read_idx_images(images, labels, 3), code, what, place);
    };
    const file_bytes two = idx(8, {2, 1, 1}, {1, 2});
    refused(two, idx(8, {3}, {0, 1, 2}), errc::mismatch, "number of labels", labels.string());
    refused(two, idx(8, {1}, {0}), errc::mismatch, "number of labels", labels.string());
    refused(two, idx(8, {2}, {2, 3}), errc::out_of_range, "label", labels.string() + ", example 1");
    refused(two, idx(8, {2, 1}, {0, 1}), errc::malformed, "rank of the IDX file", labels.string());
    refused(idx(8, {2}, {0, 1}), two, errc::malformed, "rank of the IDX file", images.string());
    refused(idx(8, {0, 1, 1}, {}), idx(8, {0}, {}), errc::malformed, "no images", images.string());
    refused(idx(8, {2, 0, 0xffffffffu}, {}), idx(8, {2}, {0, 1}), errc::malformed, "no images",
            images.string());
    std::filesystem::remove(labels);
    check_error(read_idx_images(images, labels, 3), errc::io, "cannot open file", labels.string());
}

TEST_CASE("idx: the four MNIST files, plain or zipped", "[learn]") {
    const test::temporary_folder folder;
    check_error(read_mnist(folder.path()), errc::io, "cannot open file",
                (folder / "train-images-idx3-ubyte").string());
    test::write_whole_file(folder / "train-images-idx3-ubyte", idx(8, {2, 1, 2}, {1, 2, 3, 4}));
    write_zipped(folder / "train-labels-idx1-ubyte.gz", idx(8, {2}, {7, 8}));
    write_zipped(folder / "t10k-images-idx3-ubyte.gz", idx(8, {1, 2, 1}, {5, 6}));
    check_error(read_mnist(folder.path()), errc::io, "cannot open file",
                (folder / "t10k-labels-idx1-ubyte").string());
    test::write_whole_file(folder / "t10k-labels-idx1-ubyte", idx(8, {1}, {9}));
    const auto read = read_mnist(folder.path());
    REQUIRE(read);
    CHECK(read->train.labels == std::vector<std::int32_t>{7, 8});
    CHECK(read->test.labels == std::vector<std::int32_t>{9});

    // The plain file wins over the zipped one.
    write_zipped(folder / "t10k-labels-idx1-ubyte.gz", idx(8, {1}, {1}));
    CHECK(read_mnist(folder.path()).value().test.labels == std::vector<std::int32_t>{9});

    std::filesystem::remove(folder / "t10k-images-idx3-ubyte.gz");
    test::write_whole_file(folder / "t10k-images-idx3-ubyte", idx(8, {1, 2, 2}, {5, 6, 7, 8}));
    check_error(read_mnist(folder.path()), errc::mismatch, "image size of train and test set",
                folder.path().string());
}
