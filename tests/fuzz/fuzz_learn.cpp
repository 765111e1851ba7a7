// Data sets from files of somebody else.
//
//      0  idx_file::read, two axes      2  read_csv
//      1  read_idx_images, read_mnist   3  read_csv, a header and other fields
//
// Input of 1: length of the images' file, both files.
#include "fuzz/decoders.hpp"

#include "support/temporary_folder.hpp"

#include <veilsum/learn/csv.hpp>
#include <veilsum/learn/idx.hpp>

#include <zlib.h>

#include <fcntl.h>
#include <unistd.h>

#include <cmath>
#include <string>
#include <vector>

namespace {

using namespace veilsum;
using namespace veilsum::fuzz;

std::string place(byte_view data, const std::string& name) {
    static const test::temporary_folder folder(test::memory_backed());
    const std::string path = (folder / name).string();
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(file >= 0 && ::write(file, data.data(), data.size()) == static_cast<::ssize_t>(data.size()),
            "writing a file");
    ::close(file);
    return path;
}
bool is_zipped(byte_view data) {
    return data.size() >= 2 && data[0] == 0x1f && data[1] == 0x8b;
}

bool read_idx(byte_view data) {
    if (is_zipped(data)) return false; // what zlib makes of them is zlib's
    const auto read = learn::idx_file::read(place(data, "idx"), 2);
    if (!accepted(read)) return false;
    require(read->shape.size() == 2 && read->entries.size() == std::size_t{read->shape[0]} * read->shape[1] &&
                data.size() == 12 + read->entries.size() && equal(read->entries, data.subspan(12)),
            "an IDX file is its entries");
    return true;
}
bool check(const learn::data_set& data) {
    require(data.inputs.rows() == static_cast<Eigen::Index>(data.size()), "one row for each label");
    for (const std::int32_t label : data.labels)
        require(label >= 0 && label < data.classes, "labels are classes");
    require(data.inputs.allFinite(), "features are numbers");
    return true;
}
bool read_images(byte_view data) {
    parts in(data);
    const byte_view images = in.take(in.word()), labels = in.rest();
    if (is_zipped(images) || is_zipped(labels)) return false;
    const std::string at = place(images, "train-images-idx3-ubyte"),
                      names = place(labels, "train-labels-idx1-ubyte");
    place(images, "t10k-images-idx3-ubyte");
    place(labels, "t10k-labels-idx1-ubyte");
    const auto read = learn::read_idx_images(at, names, 10);
    const auto both = learn::read_mnist(at.substr(0, at.rfind('/')));
    require(read.has_value() == both.has_value(), "a folder is read as its files");
    return accepted(read) && check(*read);
}
bool read_table(byte_view data, const learn::csv_format& format) {
    const auto read = learn::read_csv(place(data, "csv"), format);
    if (!accepted(read)) return false;
    require(read->class_names.size() == static_cast<std::size_t>(read->data.classes), "classes have names");
    return check(read->data);
}

bytes idx_sample(const std::vector<std::uint8_t>& shape) {
    bytes out{0, 0, 8, static_cast<std::uint8_t>(shape.size())};
    std::size_t total = 1;
    for (const std::uint8_t extent : shape) {
        out.insert(out.end(), {0, 0, 0, extent});
        total *= extent;
    }
    for (std::size_t i = 0; i < total; ++i) out.push_back(static_cast<std::uint8_t>(i));
    return out;
}

const decoder all[] = {
    {"idx_file::read", read_idx,
     [] {
         return samples{idx_sample({3, 5}), idx_sample({0, 5})};
     }},
    {"read_idx_images, read_mnist", read_images,
     [] {
         const bytes images = idx_sample({4, 2, 3}), labels = idx_sample({4});
         bytes out{0, static_cast<std::uint8_t>(images.size())};
         out.insert(out.end(), images.begin(), images.end());
         out.insert(out.end(), labels.begin(), labels.end());
         return samples{out};
     }},
    {"read_csv", [](byte_view data) { return read_table(data, {.skipped = {}}); },
     [] { return samples{as_sample("a,1.5,-2e3\nb, 0.25 ,7\n\na,0,0\n")}; }},
    {"read_csv, with a header",
     [](byte_view data) {
         return read_table(data, {.label = 2, .skipped = {0}, .header = true, .separator = ';'});
     },
     [] { return samples{as_sample("id;x;class\r\n7;1.5;good\r\n8;2.5;bad\r\n")}; }},
};

} // namespace

std::span<const veilsum::fuzz::decoder> veilsum::fuzz::decoders() {
    return all;
}
