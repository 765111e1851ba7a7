// IDX files, plain or gzipped: the format of the MNIST database.
//
//     0 0 type rank | rank sizes u32, big-endian | entries         type 0x08: unsigned byte, the one that is read here
//
// Images are scaled from 0..255 to [0, 1]. Every error names the file; sizes are checked against the bytes that are
// there before anything is allocated for them.
#pragma once

#include <veilsum/core/result.hpp>
#include <veilsum/learn/data_set.hpp>

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace veilsum::learn {

struct idx_file {
    std::vector<std::uint32_t> shape;
    std::vector<std::uint8_t> entries; // product of the shape

    static constexpr std::size_t max_entries = std::size_t{1} << 30;

    // Errors: missing or unreadable (errc::io), not IDX of bytes or of another rank, truncated, longer than its header
    // says (errc::malformed), larger than max_entries (errc::overflow).
    static result<idx_file> read(const std::filesystem::path& path, std::size_t rank) {
        const std::string name = path.string();
        struct closer {
            void operator()(gzFile file) const { gzclose(file); }
        };
        const std::unique_ptr<gzFile_s, closer> file(gzopen(name.c_str(), "rb"));
        if (!file) return error{errc::io, "cannot open file", 0, name};
        const auto fail = [&](errc code, std::string_view what) { return error{code, what, 0, name}; };
        const auto take = [&](std::uint8_t* to, std::size_t count) {
            while (count > 0) {
                const auto chunk = static_cast<unsigned>(std::min<std::size_t>(count, std::size_t{1} << 20));
                const int got = gzread(file.get(), to, chunk);
                if (got <= 0) return false;
                to += got;
                count -= static_cast<std::size_t>(got);
            }
            return true;
        };
        std::uint8_t magic[4];
        if (!take(magic, 4)) return fail(errc::malformed, "truncated IDX header");
        if (magic[0] != 0 || magic[1] != 0 || magic[2] != 8) return fail(errc::malformed, "not an IDX file of bytes");
        if (magic[3] != rank) return fail(errc::malformed, "rank of the IDX file");
        idx_file data;
        std::size_t total = 1;
        for (std::size_t k = 0; k < rank; ++k) {
            std::uint8_t size[4];
            if (!take(size, 4)) return fail(errc::malformed, "truncated IDX header");
            const std::uint32_t extent = std::uint32_t{size[0]} << 24 | std::uint32_t{size[1]} << 16 |
                                         std::uint32_t{size[2]} << 8 | std::uint32_t{size[3]};
            if (extent != 0 && total > max_entries / extent) return fail(errc::overflow, "size of the IDX file");
            total *= extent;
            data.shape.push_back(extent);
        }
        constexpr std::size_t step = std::size_t{1} << 22;
        for (std::size_t have = 0; have < total;) {
            const std::size_t chunk = std::min(step, total - have);
            data.entries.resize(have + chunk);
            if (!take(data.entries.data() + have, chunk)) return fail(errc::malformed, "truncated IDX file");
            have += chunk;
        }
        std::uint8_t beyond;
        if (take(&beyond, 1)) return fail(errc::malformed, "bytes behind the end of the IDX file");
        return data;
    }
};

// Images (count x rows x columns) and labels (count) as one data set with `classes` classes. Errors besides those of
// the files: counts that differ (errc::mismatch), a label outside 0..classes-1, place "FILE, example i".
inline result<data_set> read_idx_images(const std::filesystem::path& images, const std::filesystem::path& labels,
                                        std::int32_t classes) {
    const auto pixels = idx_file::read(images, 3);
    if (!pixels) return pixels.error();
    const auto names = idx_file::read(labels, 1);
    if (!names) return names.error();
    const std::size_t count = pixels->shape[0];
    const std::size_t features = std::size_t{pixels->shape[1]} * pixels->shape[2];
    if (count == 0 || features == 0) return error{errc::malformed, "no images", 0, images.string()};
    if (names->shape[0] != count) return error{errc::mismatch, "number of labels", 0, labels.string()};
    data_set data{matrix<float>(static_cast<Eigen::Index>(count), static_cast<Eigen::Index>(features)), {}, classes};
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

struct train_and_test {
    data_set train;
    data_set test;
};

// The four MNIST files under their usual names in one folder, each plain or with .gz behind its name.
inline result<train_and_test> read_mnist(const std::filesystem::path& folder) {
    const auto find = [&](const std::string& name) {
        const std::filesystem::path plain = folder / name;
        std::error_code ignored;
        return std::filesystem::exists(plain, ignored) ? plain : std::filesystem::path(plain.string() + ".gz");
    };
    auto train = read_idx_images(find("train-images-idx3-ubyte"), find("train-labels-idx1-ubyte"), 10);
    if (!train) return train.error();
    auto test = read_idx_images(find("t10k-images-idx3-ubyte"), find("t10k-labels-idx1-ubyte"), 10);
    if (!test) return test.error();
    if (train->features() != test->features()) return error{errc::mismatch, "image size of train and test set", 0, folder.string()};
    return train_and_test{*std::move(train), *std::move(test)};
}

} // namespace veilsum::learn
