// Lesson 10: an existing training loop. Three sites fit one linear model by gradient descent, in plain C++
// with Eigen. Only the line that averages the gradients is replaced; `plain_mean` is what stood there.
#include "cohort.hpp"

#include <Eigen/Dense>

namespace {

using Eigen::MatrixXf;
using Eigen::VectorXf;

struct site {
    MatrixXf X;
    VectorXf y;
};

// y = X (2, -1, 0.5) + noise, another part of the inputs at each site.
site make_site(int number) {
    site made{MatrixXf(40, 3), VectorXf(40)};
    for (int i = 0; i < 40; ++i) {
        const float t = static_cast<float>(40 * number + i);
        made.X.row(i) << std::sin(1.7F * t), std::cos(0.9F * t), std::sin(0.3F * t + 1);
    }
    made.y = made.X * Eigen::Vector3f(2, -1, 0.5F) + 0.01F * made.X.col(0).cwiseProduct(made.X.col(2));
    return made;
}

VectorXf gradient(const site& at, const VectorXf& w) {
    return at.X.transpose() * (at.X * w - at.y) / static_cast<float>(at.y.size());
}

VectorXf plain_mean(const std::vector<VectorXf>& gradients) {
    VectorXf sum = VectorXf::Zero(gradients[0].size());
    for (const VectorXf& each : gradients) sum += each;
    return sum / static_cast<float>(gradients.size());
}

// The replacement. The cohort's model is not used for anything but the mean of this round.
VectorXf encrypted_mean(course::cohort& sites, const std::vector<VectorXf>& gradients) {
    std::vector<std::vector<float>> updates;
    for (const VectorXf& each : gradients) updates.emplace_back(each.begin(), each.end());
    const auto sums = sites.aggregate(updates).sums;
    VectorXf mean(static_cast<Eigen::Index>(sums.size()));
    for (std::size_t j = 0; j < sums.size(); ++j)
        mean[static_cast<Eigen::Index>(j)] =
            static_cast<float>(course::cohort::format.decode(sums[j], gradients.size()));
    return mean;
}

} // namespace

int main() {
    const std::vector<site> sites = {make_site(0), make_site(1), make_site(2)};
    const course::scratch_folder folder;
    course::cohort parties(folder.path() / "record", sites.size(), {0, 0, 0});

    VectorXf w = VectorXf::Zero(3), plain_w = w;
    for (int step = 0; step < 4; ++step) {
        std::vector<VectorXf> gradients, plain_gradients;
        for (const site& each : sites) {
            gradients.push_back(gradient(each, w));
            plain_gradients.push_back(gradient(each, plain_w));
        }
        w -= 1.2F * encrypted_mean(parties, gradients);
        plain_w -= 1.2F * plain_mean(plain_gradients);
    }
    const float from_truth = (w - Eigen::Vector3f(2, -1, 0.5F)).norm();
    std::printf("weights      %s\n", from_truth < 0.25F ? "close to (2, -1, 0.5)" : "FAR FROM (2, -1, 0.5)");
    const float apart = (w - plain_w).cwiseAbs().maxCoeff();
    std::printf("plain run    %s\n", apart < 1.0F / 256 ? "the same within 2^-8" : "MORE THAN 2^-8 APART");
    return apart < 1.0F / 256 ? 0 : 1;
}
