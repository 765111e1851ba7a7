// IDX files, plain or gzipped: the format of the MNIST database.
//
//     0 0 type rank | rank sizes u32, big-endian | entries
//
// Type 0x08, unsigned bytes, is the one that is read here.
// Images are scaled from 0..255 to [0, 1]. Every error names the file. What a header claims is not believed:
// memory grows with the bytes that are there, to at most twice their number and 4 MiB.
#pragma once

#include <veilsum/core/result.hpp>
#include <veilsum/learn/data_set.hpp>

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace veilsum::learn {

namespace detail {

// The bytes of a plain or gzipped file, in order. The first failure is kept; after it nothing is read.
class unzipped_file {
  public:
    explicit unzipped_file(const std::filesystem::path& path) : file_(gzopen(path.c_str(), "rb")) {}

    bool is_open() const { return file_ != nullptr; }
    // How many bytes were read: fewer than asked for at the end of the file or after a failure.
    std::size_t read(std::uint8_t* to, std::size_t count) {
        std::size_t have = 0;
        while (have < count) {
            const auto chunk = static_cast<unsigned>(std::min(count - have, std::size_t{1} << 20));
            const int got = gzread(file_.get(), to + have, chunk);
            if (got <= 0) break;
            have += static_cast<std::size_t>(got);
        }
        return have;
    }
    // After a short read: why there is no more. The end of a gzip stream is reached only after its checksum
    // held.
    result<void> end(const std::string& name) const {
        int state = Z_OK;
        gzerror(file_.get(), &state);
        if (state == Z_ERRNO) return error{errc::io, "cannot read file", 0, name};
        if (state == Z_BUF_ERROR) return error{errc::malformed, "truncated gzip file", 0, name};
        if (state != Z_OK && state != Z_STREAM_END)
            return error{errc::malformed, "damaged gzip file", 0, name};
        return {};
    }

  private:
    struct closer {
        void operator()(gzFile file) const { gzclose(file); }
    };
    std::unique_ptr<gzFile_s, closer> file_;
};

} // namespace detail

// An IDX file of bytes: the format of MNIST.
struct idx_file {
    std::vector<std::uint32_t> shape;  // length of each dimension
    std::vector<std::uint8_t> entries; // product of the shape

    static constexpr std::size_t max_entries = std::size_t{1} << 30; // bytes that are read at most

    // Reads a whole file. Errors, place FILE:
    //   io         "cannot open file", "cannot read file"
    //   malformed  "truncated gzip file", "damaged gzip file": wherever it breaks off or its checksum fails
    //   malformed  "truncated IDX header", "not an IDX file of bytes", "rank of the IDX file"
    //   overflow   "size of the IDX file": above max_entries
    //   malformed  "truncated IDX file", "bytes behind the end of the IDX file"
    // Behind a gzip stream zlib ignores what does not start another one.
    static result<idx_file> read(const std::filesystem::path& path, std::size_t rank) {
        const std::string name = path.string();
        detail::unzipped_file file(path);
        if (!file.is_open()) return error{errc::io, "cannot open file", 0, name};
        const auto fail = [&](errc code, std::string_view what) { return error{code, what, 0, name}; };
        const auto truncated = [&](std::string_view what) {
            const auto reason = file.end(name);
            return reason ? fail(errc::malformed, what) : reason.error();
        };
        std::uint8_t magic[4];
        if (file.read(magic, 4) != 4) return truncated("truncated IDX header");
        if (magic[0] != 0 || magic[1] != 0 || magic[2] != 8)
            return fail(errc::malformed, "not an IDX file of bytes");
        if (magic[3] != rank) return fail(errc::malformed, "rank of the IDX file");
        idx_file data;
        std::size_t total = 1;
        for (std::size_t k = 0; k < rank; ++k) {
            std::uint8_t size[4];
            if (file.read(size, 4) != 4) return truncated("truncated IDX header");
            const std::uint32_t extent = std::uint32_t{size[0]} << 24 | std::uint32_t{size[1]} << 16 |
                                         std::uint32_t{size[2]} << 8 | std::uint32_t{size[3]};
            if (extent != 0 && total > max_entries / extent)
                return fail(errc::overflow, "size of the IDX file");
            total *= extent;
            data.shape.push_back(extent);
        }
        constexpr std::size_t step = std::size_t{1} << 22;
        while (data.entries.size() < total) {
            const std::size_t have = data.entries.size();
            const std::size_t chunk = std::min(step, total - have);
            data.entries.resize(have + chunk);
            if (file.read(data.entries.data() + have, chunk) != chunk) return truncated("truncated IDX file");
        }
        std::uint8_t beyond;
        if (file.read(&beyond, 1) != 0) return fail(errc::malformed, "bytes behind the end of the IDX file");
        if (auto end = file.end(name); !end) return end.error();
        return data;
    }
};

// Images (count x rows x columns, row-major) and labels (count) as one data set with rows * columns features
// in [0, 1] and `classes` classes. Errors besides those of the files:
//   malformed     "no images": one of the sizes is 0                 IMAGES
//   mismatch      "number of labels": not that of the images         LABELS
//   out_of_range  "label": not in 0..classes-1                       LABELS, example i (from 0)
inline result<data_set> read_idx_images(const std::filesystem::path& images,
                                        const std::filesystem::path& labels, std::int32_t classes) {
    const auto pixels = idx_file::read(images, 3);
    if (!pixels) return pixels.error();
    const auto names = idx_file::read(labels, 1);
    if (!names) return names.error();
    const std::size_t count = pixels->shape[0];
    const std::size_t features = std::size_t{pixels->shape[1]} * pixels->shape[2];
    if (count == 0 || features == 0) return error{errc::malformed, "no images", 0, images.string()};
    if (names->shape[0] != count) return error{errc::mismatch, "number of labels", 0, labels.string()};
    data_set data{
        matrix<float>(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(features)), {}, classes};
    for (std::size_t i = 0; i < pixels->entries.size(); ++i)
        data.inputs.data()[i] = static_cast<float>(pixels->entries[i]) / 255.0F;
    data.labels.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (names->entries[i] >= classes)
            return error{errc::out_of_range, "label", 0, labels.string() + ", example " + std::to_string(i)};
        data.labels.push_back(names->entries[i]);
    }
    return data;
}

// Two data sets with the same features and classes.
struct train_and_test {
    data_set train; // to learn from
    data_set test;  // to measure with
};

// The MNIST database from one folder: train-images-idx3-ubyte, train-labels-idx1-ubyte,
// t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each under that name or, if there is no such file, with
// .gz behind it. Any number of images of any one size goes, so that sets in the same form (Fashion-MNIST, an
// excerpt) load too; the labels are 0..9.
//
// Errors: those of read_idx_images; mismatch "image size of train and test set", place FOLDER.
// Memory: 4 bytes a pixel, 220 MB for the 70,000 images, and up to 2 bytes a pixel of one set while it is
// read.
inline result<train_and_test> read_mnist(const std::filesystem::path& folder) {
    const auto find = [&](const std::string& name) {
        const std::filesystem::path zipped = folder / (name + ".gz");
        std::error_code ignored;
        return !std::filesystem::exists(folder / name, ignored) && std::filesystem::exists(zipped, ignored)
                   ? zipped
                   : folder / name;
    };
    auto train = read_idx_images(find("train-images-idx3-ubyte"), find("train-labels-idx1-ubyte"), 10);
    if (!train) return train.error();
    auto test = read_idx_images(find("t10k-images-idx3-ubyte"), find("t10k-labels-idx1-ubyte"), 10);
    if (!test) return test.error();
    if (train->features() != test->features())
        return error{errc::mismatch, "image size of train and test set", 0, folder.string()};
    return train_and_test{*std::move(train), *std::move(test)};
}

} // namespace veilsum::learn
