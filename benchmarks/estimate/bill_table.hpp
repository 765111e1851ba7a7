// The bill of a round as text, and a predicted one beside a real one.
#pragma once

#include "estimate/round_bill.hpp"
#include "support/console.hpp" // of the examples

#include <array>
#include <cstdio>
#include <string>

namespace veilsum::bench {

struct named_step {
    round_step step;
    const char* party;
    const char* name;
};
inline constexpr std::array<named_step, round_steps> named_steps{{
    {round_step::contribute, "client", "contribute"},
    {round_step::open_round, "aggregator", "open the round"},
    {round_step::receive, "aggregator", "check and add a contribution"},
    {round_step::close, "aggregator", "close the round"},
    {round_step::receive_answer, "aggregator", "check an answer"},
    {round_step::finish, "aggregator", "combine, write the result"},
    {round_step::follow_opening, "trustee", "read the opening"},
    {round_step::follow, "trustee", "check and add a contribution"},
    {round_step::follow_closing, "trustee", "check the closing"},
    {round_step::answer, "trustee", "answer"},
}};

// "12.3 us", "4.56 s", "3.2 h".
inline std::string readable_seconds(double seconds) {
    struct unit {
        double below, seconds;
        const char* name;
    };
    static constexpr std::array<unit, 5> units{
        {{1e-3, 1e-6, "us"}, {1, 1e-3, "ms"}, {600, 1, "s"}, {7200, 60, "min"}, {1e99, 3600, "h"}}};
    std::size_t at = 0;
    while (at + 1 < units.size() && seconds >= units[at].below) ++at;
    const double value = seconds / units[at].seconds;
    char text[48];
    std::snprintf(text, sizeof text, "%.*f %s", value < 10 ? 2 : value < 100 ? 1 : 0, value, units[at].name);
    return text;
}

inline std::string table_of(const round_bill& bill) {
    std::string out;
    const auto line = [&](const char* format, const auto&... values) {
        char text[160];
        std::snprintf(text, sizeof text, format, values...);
        out += text;
    };
    line("%-11s %-30s %8s %11s %11s %7s\n", "party", "step", "times", "each", "together", "share");
    for (const named_step& row : named_steps)
        line("%-11s %-30s %8llu %11s %11s %6.1f%%\n", row.party, row.name,
             static_cast<unsigned long long>(bill.times(row.step)),
             readable_seconds(bill.seconds[row.step]).c_str(),
             readable_seconds(bill.of_all(row.step)).c_str(),
             100 * bill.of_all(row.step) / bill.total_seconds());
    line("%-11s %-30s %8s %11s %11s\n", "all", "the round, processor time", "", "",
         readable_seconds(bill.total_seconds()).c_str());
    line("%-11s %-30s %8s %11s %11s\n", "", "the round, elapsed", "", "",
         readable_seconds(bill.elapsed_seconds()).c_str());
    line("%-11s %-30s %8s %11s %11s\n", "auditor", "the whole record", "", "",
         readable_seconds(bill.audit_seconds).c_str());
    out += "Elapsed: one core a party, all clients at the same time, trustees check what arrives; without "
           "network and disk.\n";
    line("Once a session: %s of each party to check the ceremony, %s of each client for a table.\n\n",
         readable_seconds(bill.start_seconds).c_str(), readable_seconds(bill.table_seconds).c_str());

    const auto bytes = [&](const char* what, double each, double times) {
        line("%-42s %8.0f %11s %11s\n", what, times, examples::human_bytes(each).c_str(),
             examples::human_bytes(each * times).c_str());
    };
    const auto clients = static_cast<double>(bill.clients), quorum = static_cast<double>(bill.quorum);
    line("%-42s %8s %11s %11s\n", "bytes", "times", "each", "together");
    bytes("model, to a client", static_cast<double>(bill.bytes.model), clients);
    bytes("contribution, to the aggregator", static_cast<double>(bill.bytes.contribution), clients);
    bytes("contributions, to a trustee or an auditor", clients * static_cast<double>(bill.bytes.contribution),
          quorum);
    bytes("answer, to the aggregator", static_cast<double>(bill.bytes.answer), quorum);
    bytes("record of the round, on the disk", static_cast<double>(bill.record_bytes()), 1);
    return out;
}

// A step counts where it is at least this part of the round; below, its time is too short to be measured well
// once.
inline constexpr double share_that_counts = 0.02;
inline constexpr double largest_error = 0.20;

struct comparison {
    std::string text;
    bool good = true; // the whole round and every step that counts is within `largest_error`, all bytes exact
};

inline comparison compare_bills(const round_bill& predicted, const round_bill& real) {
    comparison out;
    const auto row = [&](const char* party, const char* name, double expected, double found, bool counts) {
        const double off = expected / found - 1;
        const bool within = !counts || (off >= -largest_error && off <= largest_error);
        out.good = out.good && within;
        char text[160];
        std::snprintf(text, sizeof text, "%-11s %-30s %11s %11s %+7.1f%%%s\n", party, name,
                      readable_seconds(expected).c_str(), readable_seconds(found).c_str(), 100 * off,
                      !within  ? "   MISSED"
                      : counts ? ""
                               : "   (small)");
        out.text += text;
    };
    char head[160];
    std::snprintf(head, sizeof head, "%-11s %-30s %11s %11s %8s\n", "party", "step, all times together",
                  "predicted", "real", "off");
    out.text += head;
    for (const named_step& each : named_steps)
        row(each.party, each.name, predicted.of_all(each.step), real.of_all(each.step),
            real.of_all(each.step) >= share_that_counts * real.total_seconds());
    row("all", "the round, processor time", predicted.total_seconds(), real.total_seconds(), true);
    row("auditor", "the whole record", predicted.audit_seconds, real.audit_seconds, true);

    const bool same = predicted.bytes == real.bytes;
    out.good = out.good && same;
    out.text += same ? "bytes: every message and body as predicted\n" : "bytes: NOT as predicted\n";
    return out;
}

} // namespace veilsum::bench
