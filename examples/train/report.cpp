#include "train/report.hpp"

#include "support/console.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace train {

namespace {

std::string number(double value, const char* form = "%.1f") {
    char text[64];
    std::snprintf(text, sizeof text, form, value);
    return text;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

constexpr double plot_width = 640;
constexpr double plot_height = 280;
constexpr double left = 56;
constexpr double bottom = 36;
constexpr double top = 14;
constexpr std::array<std::string_view, 6> colours = {"#7a8b99", "#1b6ca8", "#2a9d8f",
                                                     "#e9a03b", "#c1553b", "#8e6bbf"};

double x_of(std::size_t index, std::size_t count) {
    const double span = plot_width - left - 20;
    return left +
           span * (static_cast<double>(index) + 0.5) / static_cast<double>(std::max<std::size_t>(count, 1));
}
double y_of(double share) {
    return plot_height - bottom - share * (plot_height - bottom - top);
}

// Horizontal lines with labels from `low` to `high`.
std::string grid(double low, double high, const char* form, double factor, const std::string& unit) {
    std::string out;
    for (int k = 0; k <= 4; ++k) {
        const double share = k / 4.0;
        const std::string y = number(y_of(share));
        out += "<line class='grid' x1='" + number(left) + "' x2='" + number(plot_width - 10) + "' y1='" + y +
               "' y2='" + y + "'/><text class='tick' text-anchor='end' x='" + number(left - 6) + "' y='" +
               number(y_of(share) + 4) + "'>" + number((low + share * (high - low)) * factor, form) + unit +
               "</text>";
    }
    return out;
}

std::string round_labels(const std::vector<round_metrics>& rounds) {
    std::string out;
    const std::size_t step = std::max<std::size_t>(1, rounds.size() / 12);
    for (std::size_t i = 0; i < rounds.size(); i += step)
        out += "<text class='tick' text-anchor='middle' x='" + number(x_of(i, rounds.size())) + "' y='" +
               number(plot_height - bottom + 16) + "'>" + std::to_string(rounds[i].round) + "</text>";
    return out + "<text class='tick' text-anchor='middle' x='" + number(plot_width / 2) + "' y='" +
           number(plot_height - 4) + "'>round</text>";
}

std::string svg(const std::string& label, const std::string& content) {
    return "<svg role='img' aria-label='" + label + "' viewBox='0 0 " + number(plot_width, "%.0f") + " " +
           number(plot_height, "%.0f") + "'>" + content + "</svg>";
}

std::string accuracy_plot(const std::vector<round_metrics>& rounds) {
    double lowest = 1;
    for (const round_metrics& round : rounds) lowest = std::min(lowest, round.accuracy);
    const double low = lowest > 0.9 ? 0.9 : lowest > 0.5 ? 0.5 : 0.0;
    std::string points;
    std::string dots;
    for (std::size_t i = 0; i < rounds.size(); ++i) {
        const std::string x = number(x_of(i, rounds.size()));
        const std::string y = number(y_of((rounds[i].accuracy - low) / (1 - low)));
        points += x + "," + y + " ";
        dots += "<circle cx='" + x + "' cy='" + y + "' r='3.5' fill='#1b6ca8'><title>round " +
                std::to_string(rounds[i].round) + ": " + number(100 * rounds[i].accuracy, "%.2f") +
                " %</title></circle>";
    }
    return svg("test accuracy by round",
               grid(low, 1, "%.1f", 100, " %") + round_labels(rounds) +
                   "<polyline fill='none' stroke='#1b6ca8' stroke-width='2' points='" + points + "'/>" +
                   dots);
}

std::string time_plot(const std::vector<round_metrics>& rounds) {
    double highest = 1e-9;
    for (const round_metrics& round : rounds) highest = std::max(highest, round.total_seconds());
    std::string bars;
    const double width = std::min(48.0, 0.7 * (plot_width - left) /
                                            static_cast<double>(std::max<std::size_t>(rounds.size(), 1)));
    for (std::size_t i = 0; i < rounds.size(); ++i) {
        double below = 0;
        for (std::size_t p = 0; p < phase_names.size(); ++p) {
            const double part = rounds[i].seconds[p] / highest;
            bars += "<rect x='" + number(x_of(i, rounds.size()) - width / 2) + "' width='" + number(width) +
                    "' y='" + number(y_of(below + part), "%.2f") + "' height='" +
                    number(y_of(below) - y_of(below + part), "%.2f") + "' fill='" + std::string(colours[p]) +
                    "'><title>round " + std::to_string(rounds[i].round) + ", " + std::string(phase_names[p]) +
                    ": " + examples::human_seconds(rounds[i].seconds[p]) + "</title></rect>";
            below += part;
        }
    }
    std::string legend = "<p class='legend'>";
    for (std::size_t p = 0; p < phase_names.size(); ++p)
        legend += "<span><i style='background:" + std::string(colours[p]) + "'></i>" +
                  std::string(phase_names[p]) + "</span>";
    return svg("seconds by phase and round",
               grid(0, highest, "%.1f", 1, " s") + round_labels(rounds) + bars) +
           legend + "</p>";
}

std::string fact(std::string_view name, const std::string& value) {
    return "<tr><th>" + std::string(name) + "</th><td>" + escaped(value) + "</td></tr>";
}

} // namespace

std::string html_report(const run_facts& facts, const std::vector<round_metrics>& rounds) {
    std::string page =
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' "
        "content='width=device-width,initial-scale=1'><title>veilsum: training report</title><style>"
        "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 "
        "1rem;color:#1d2730}"
        "h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2rem}svg{width:100%;height:"
        "auto}"
        ".grid{stroke:#dde3e8}.tick{font-size:12px;fill:#5b6873}table{border-collapse:collapse;width:100%;"
        "font-size:.92rem}"
        "th,td{text-align:left;padding:.3rem .5rem;border-bottom:1px solid "
        "#e4e9ed}td.n,th.n{text-align:right;white-space:nowrap;"
        "font-variant-numeric:tabular-nums}.facts th{width:13rem;font-weight:500;color:#5b6873}.legend "
        "span{margin-right:1rem;"
        "white-space:nowrap;font-size:.88rem}.legend "
        "i{display:inline-block;width:.8em;height:.8em;margin-right:.35em}"
        ".wide{overflow-x:auto}.note{color:#5b6873;font-size:.92rem}</style></head><body>"
        "<h1>Federated training on encrypted updates</h1>";
    if (!rounds.empty())
        page += "<p>Test accuracy " + number(100 * rounds.back().accuracy, "%.2f") + " % after " +
                std::to_string(rounds.size()) +
                " rounds. Every update was encrypted; only the sums were opened.</p>";
    page += "<h2>Accuracy</h2>" + accuracy_plot(rounds);
    page += "<h2>Time by phase</h2>" + time_plot(rounds);
    page +=
        "<h2>Rounds</h2><div class='wide'><table><tr><th class='n'>round</th><th class='n'>accuracy</th><th "
        "class='n'>loss</th><th class='n'>counted</th><th class='n'>contributions</th><th "
        "class='n'>partials</th>";
    if (!facts.privacy.empty()) page += "<th class='n'>epsilon</th>";
    for (const auto name : phase_names) page += "<th class='n'>" + std::string(name) + "</th>";
    page += "</tr>";
    for (const round_metrics& round : rounds) {
        page += "<tr><td class='n'>" + std::to_string(round.round) + "</td><td class='n'>" +
                number(100 * round.accuracy, "%.2f") + " %</td><td class='n'>" + number(round.loss, "%.4f") +
                "</td><td class='n'>" + std::to_string(round.accepted) + "</td><td class='n'>" +
                examples::human_bytes(static_cast<double>(round.contribution_bytes)) + "</td><td class='n'>" +
                examples::human_bytes(static_cast<double>(round.partial_bytes)) + "</td>";
        if (!facts.privacy.empty()) page += "<td class='n'>" + number(round.epsilon, "%.4f") + "</td>";
        for (const double seconds : round.seconds)
            page += "<td class='n'>" + examples::human_seconds(seconds) + "</td>";
        page += "</tr>";
    }
    page += "</table></div><h2>What was on</h2><table class='facts'>";
    page +=
        fact("data", facts.data) + fact("network", facts.network) +
        fact("values in an update", std::to_string(facts.weights)) +
        fact("clients", std::to_string(facts.clients)) +
        fact("trustees",
             std::to_string(facts.quorum) + " of " + std::to_string(facts.trustees) + " open a sum") +
        fact("scheme", "Paillier, threshold decryption, " + std::to_string(facts.modulus_bits) + "-bit key") +
        fact("exponents", facts.policy) + fact("encoding", facts.encoding) +
        fact("packing", std::to_string(facts.slots) + " values in a ciphertext, " +
                            std::to_string(facts.ciphertexts) + " ciphertexts in a contribution") +
        fact("proofs", facts.proofs) + fact("key ceremony", examples::human_seconds(facts.key_seconds)) +
        (facts.privacy.empty() ? std::string() : fact("privacy", facts.privacy)) +
        fact("session", facts.session);
    page += "</table><p class='note'>All parties of this run lived in one process: it shows the protocol and "
            "its cost, not "
            "the separation of the parties. The record beside this file can be checked by anybody with "
            "<code>audit</code>."
            "</p></body></html>\n";
    return page;
}

} // namespace train
