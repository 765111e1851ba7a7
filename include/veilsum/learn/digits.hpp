// Synthetic handwritten digits: 28 x 28 images of the ten digits, so that nothing has to be downloaded.
//
// A digit is a few strokes, polylines in the unit square. Each image draws its own affine map (turn up to 14
// degrees, scale 0.75 to 1.05, shear, shift), moves every point a little, picks a pen width, and renders the
// distance to the nearest stroke with a soft edge; then come noise on every pixel and a random gain. Values
// lie in [0, 1].
//
// The same seed gives the same images, whatever the number of threads: image i has a stream of its own.
#pragma once

#include <veilsum/core/parallel.hpp>
#include <veilsum/learn/data_set.hpp>
#include <veilsum/learn/generator.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

namespace veilsum::learn {

namespace detail {

struct plane_point {
    double x, y; // unit square, y downwards
};
using stroke = std::vector<plane_point>;

// Part of an ellipse from angle `from` to `to` (turns, clockwise from the right) in 14 segments.
inline stroke arc(double cx, double cy, double rx, double ry, double from, double to) {
    stroke points;
    for (int k = 0; k <= 14; ++k) {
        const double angle = 2 * std::numbers::pi * (from + (to - from) * k / 14);
        points.push_back({cx + rx * std::cos(angle), cy + ry * std::sin(angle)});
    }
    return points;
}

inline std::vector<stroke> strokes_of(std::int32_t digit, generator& draw) {
    const bool variant = draw.uniform() < 0.5;
    switch (digit) {
    case 0:
        return {arc(0.5, 0.5, variant ? 0.24 : 0.30, 0.38, 0.0, 1.0)};
    case 1:
        if (variant) return {{{0.5, 0.12}, {0.5, 0.88}}};
        return {{{0.34, 0.28}, {0.54, 0.12}, {0.54, 0.88}}};
    case 2: {
        stroke top = arc(0.5, 0.32, 0.24, 0.20, 0.5, 1.08);
        top.push_back({0.26, 0.86});
        return {top, {{0.26, 0.86}, {0.76, 0.86}}};
    }
    case 3:
        return {arc(0.46, 0.31, 0.24, 0.19, 0.58, 1.25), arc(0.46, 0.68, 0.27, 0.20, 0.75, 1.42)};
    case 4:
        if (variant) return {{{0.32, 0.14}, {0.26, 0.54}, {0.78, 0.54}}, {{0.64, 0.14}, {0.62, 0.88}}};
        return {{{0.60, 0.12}, {0.22, 0.60}, {0.78, 0.60}}, {{0.60, 0.12}, {0.60, 0.88}}};
    case 5:
        return {{{0.74, 0.14}, {0.34, 0.14}, {0.31, 0.46}}, arc(0.48, 0.64, 0.26, 0.22, 0.62, 1.40)};
    case 6: {
        stroke tail = {{0.64, 0.12}, {0.42, 0.30}, {0.29, 0.56}};
        return {tail, arc(0.50, 0.66, 0.22, 0.21, 0.0, 1.0)};
    }
    case 7: {
        std::vector<stroke> parts = {{{0.24, 0.15}, {0.76, 0.15}, {0.44, 0.88}}};
        if (variant) parts.push_back({{0.40, 0.50}, {0.72, 0.50}});
        return parts;
    }
    case 8:
        return {arc(0.5, 0.31, 0.20, 0.18, 0.0, 1.0), arc(0.5, 0.68, 0.24, 0.20, 0.0, 1.0)};
    default:
        return {arc(0.48, 0.34, 0.22, 0.21, 0.0, 1.0), {{0.70, 0.34}, {0.68, 0.60}, {0.56, 0.88}}};
    }
}

inline double squared_distance_to_segment(plane_point p, plane_point a, plane_point b) {
    const double dx = b.x - a.x;
    const double dy = b.y - a.y;
    const double length = dx * dx + dy * dy;
    const double t = length > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0, 1.0) : 0.0;
    const double off_x = p.x - a.x - t * dx;
    const double off_y = p.y - a.y - t * dy;
    return off_x * off_x + off_y * off_y;
}

inline std::array<float, 784> draw_digit(std::int32_t digit, generator& draw) {
    std::vector<stroke> strokes = strokes_of(digit, draw);
    const double angle = draw.uniform(-0.25, 0.25);
    const double scale_x = draw.uniform(0.75, 1.05);
    const double scale_y = draw.uniform(0.75, 1.05);
    const double shear = draw.uniform(-0.2, 0.2);
    const double shift_x = draw.uniform(-0.08, 0.08);
    const double shift_y = draw.uniform(-0.08, 0.08);
    for (stroke& part : strokes)
        for (plane_point& p : part) {
            const double x = (p.x - 0.5 + draw.uniform(-0.02, 0.02)) * scale_x;
            const double y = (p.y - 0.5 + draw.uniform(-0.02, 0.02)) * scale_y;
            const double slanted = x - shear * y;
            p.x = 0.5 + shift_x + slanted * std::cos(angle) - y * std::sin(angle);
            p.y = 0.5 + shift_y + slanted * std::sin(angle) + y * std::cos(angle);
        }
    const double pen = draw.uniform(0.030, 0.065);
    const double gain = draw.uniform(0.75, 1.0);
    const double noise = draw.uniform(0.02, 0.12);
    std::array<float, 784> image{};
    for (std::size_t at = 0; at < image.size(); ++at) {
        const std::size_t row = at / 28;
        const std::size_t column = at % 28;
        const plane_point pixel{(static_cast<double>(column) + 0.5) / 28,
                                (static_cast<double>(row) + 0.5) / 28};
        double nearest = 4; // squared; further than any stroke
        for (const stroke& part : strokes)
            for (std::size_t k = 1; k < part.size(); ++k)
                nearest = std::min(nearest, squared_distance_to_segment(pixel, part[k - 1], part[k]));
        const double ink = gain * std::clamp((pen - std::sqrt(nearest)) * 28 + 0.5, 0.0, 1.0);
        image[at] = static_cast<float>(std::clamp(ink + noise * draw.uniform(-1, 1), 0.0, 1.0));
    }
    return image;
}

} // namespace detail

// `count` images whose labels run through 0..9 in turn. Cost: about 60 us an image and core.
inline data_set generate_digits(std::size_t count, std::uint64_t seed) {
    data_set data{matrix<float>(static_cast<Eigen::Index>(count), 784), std::vector<std::int32_t>(count), 10};
    parallel_for(count, [&](std::size_t i) {
        generator draw = generator::stream(seed, i);
        const auto digit = static_cast<std::int32_t>(i % 10);
        const std::array<float, 784> image = detail::draw_digit(digit, draw);
        std::copy(image.begin(), image.end(), data.inputs.row(static_cast<Eigen::Index>(i)).data());
        data.labels[i] = digit;
    });
    return data;
}

} // namespace veilsum::learn
