#include "support/catch.hpp"
#include "support/ends_process.hpp"
#include "support/temporary_folder.hpp"

#include <veilsum/learn/csv.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

using namespace veilsum::learn;
using veilsum::errc;
namespace test = veilsum::test;

namespace {

class csv_case {
  public:
    explicit csv_case(std::string_view text, csv_format format = {}, std::vector<std::string> names = {}) {
        test::write_whole_file(path(), {text.begin(), text.end()});
        read_ = read_csv(path(), format, std::move(names));
    }
    const csv_data& data() const {
        REQUIRE(read_);
        return *read_;
    }
    // `place` is what follows the file's name.
    void check_error(errc code, std::string_view what, const std::string& place) const {
        REQUIRE(!read_);
        CHECK(read_.error().code == code);
        CHECK(read_.error().what == what);
        CHECK(read_.error().place == path().string() + place);
    }

  private:
    std::filesystem::path path() const { return folder_ / "table.csv"; }
    test::temporary_folder folder_;
    veilsum::result<csv_data> read_ = csv_data{};
};

} // namespace

TEST_CASE("csv: numbers, labels and class names", "[learn]") {
    const csv_case table("b,1,-0.25\n"
                         "a,1e-3,2.5e2\n"
                         "b,0,.5");
    const csv_data& read = table.data();
    CHECK(read.class_names == std::vector<std::string>{"a", "b"});
    CHECK(read.data.classes == 2);
    CHECK(read.data.labels == std::vector<std::int32_t>{1, 0, 1});
    REQUIRE(read.data.inputs.rows() == 3);
    REQUIRE(read.data.inputs.cols() == 2);
    const float expected[] = {1, -0.25F, 0.001F, 250, 0, 0.5F};
    for (Eigen::Index i = 0; i < 6; ++i) CHECK(read.data.inputs.data()[i] == expected[i]);
}

TEST_CASE("csv: header, label column, skipped fields, separator, blanks and empty lines", "[learn]") {
    csv_format format;
    format.header = true;
    format.separator = ';';
    format.label = 2;
    format.skipped = {0, 3};
    const csv_case table("id;x;kind;note\r\n"
                         "\r\n"
                         "17; 1.5 ;\tbig one \t; not a number\r\n"
                         " \t\n"
                         "18;2;small;;\r\n",
                         format);
    table.check_error(errc::malformed, "number of fields", ", line 5");
    const csv_case good("id;x;kind;note\r\n"
                        "\r\n"
                        "17; 1.5 ;\tbig one \t; not a number\r\n"
                        " \t\n"
                        "18;2;small;\r\n",
                        format);
    CHECK(good.data().class_names == std::vector<std::string>{"big one", "small"});
    REQUIRE(good.data().data.features() == 1);
    CHECK(good.data().data.inputs(0, 0) == 1.5F);
    CHECK(good.data().data.inputs(1, 0) == 2.0F);
}

TEST_CASE("csv: a header line is not taken for an example, unless nobody said that there is one", "[learn]") {
    const std::string_view text = "kind,x\na,1\n";
    CHECK(csv_case(text, {.label = 0, .skipped = {}, .header = true}).data().data.size() == 1);
    csv_case(text).check_error(errc::malformed, "field is not a number", ", line 1, field 2");
}

TEST_CASE("csv: a missing or additional field is refused with its line", "[learn]") {
    csv_case("a,1,2\nb,3\n").check_error(errc::malformed, "number of fields", ", line 2");
    csv_case("a,1,2\n\nb,3,4,5\n").check_error(errc::malformed, "number of fields", ", line 3");
    csv_case("a,1,2\nb,,4\n").check_error(errc::malformed, "field is not a number", ", line 2, field 2");
    csv_case("a,1,2\nb,3,\n").check_error(errc::malformed, "field is not a number", ", line 2, field 3");
    csv_case("a,1\n ,2\n").check_error(errc::malformed, "label is empty", ", line 2, field 1");
}

TEST_CASE("csv: what is no finite number is refused with line and field", "[learn]") {
    for (const std::string text :
         {"?", "one", "1x", "1 2", "+1", "0x10", "1,5", "nan", "inf", "-infinity", "1e39", "--1", "\"1\""}) {
        csv_format format;
        format.separator = ';';
        INFO(text);
        csv_case("a;1;2\nb;3;" + text + "\n", format)
            .check_error(errc::malformed, "field is not a number", ", line 2, field 3");
    }
}

TEST_CASE("csv: a file without examples or without features is refused", "[learn]") {
    csv_case("").check_error(errc::missing, "examples", "");
    csv_case("\n \n\t\r\n").check_error(errc::missing, "examples", "");
    csv_case("kind,x\n", {.label = 0, .skipped = {}, .header = true})
        .check_error(errc::missing, "examples", "");
    csv_case("a\nb\n").check_error(errc::missing, "features", "");
    csv_case("a,1\nb,2\n", {.label = 0, .skipped = {1}}).check_error(errc::missing, "features", "");
}

TEST_CASE("csv: a label or skipped column that the file does not have is refused", "[learn]") {
    csv_case("a,1\n", {.label = 2, .skipped = {}})
        .check_error(errc::bad_parameter, "label field", ", line 1");
    csv_case("a,1\n", {.label = 0, .skipped = {2}})
        .check_error(errc::bad_parameter, "skipped field", ", line 1");
}

TEST_CASE("csv: given class names number the classes, and others are unknown", "[learn]") {
    const csv_case known("b,1\nb,2\n", {}, {"c", "b", "a"});
    CHECK(known.data().data.classes == 3);
    CHECK(known.data().data.labels == std::vector<std::int32_t>{1, 1});
    CHECK(known.data().class_names == std::vector<std::string>{"c", "b", "a"});
    csv_case("b,1\n\nd,2\n", {}, {"c", "b", "a"})
        .check_error(errc::out_of_range, "label", ", line 3, field 1");
}

TEST_CASE("csv: a missing file and a folder are named", "[learn]") {
    const test::temporary_folder folder;
    const auto absent = read_csv(folder / "absent.csv", {});
    REQUIRE(!absent);
    CHECK(absent.error().code == errc::io);
    CHECK(absent.error().what == "cannot open file");
    CHECK(absent.error().place == (folder / "absent.csv").string());
    const auto not_a_file = read_csv(folder.path(), {});
    REQUIRE(!not_a_file);
    CHECK(not_a_file.error().code == errc::io);
    CHECK(not_a_file.error().place == folder.path().string());
}

TEST_CASE("standardisation: mean 0 and variance 1, and a constant feature becomes 0", "[learn]") {
    csv_case table("a,1,7,1e-45\na,2,7,0\nb,6,7,0\n");
    data_set data = table.data().data;
    const auto scaling = standardisation::of(data);
    scaling.apply(data);
    // mean 3, variance (4 + 1 + 9)/3
    const double deviation = std::sqrt(14.0 / 3);
    CHECK(data.inputs(0, 0) == Approx(-2 / deviation));
    CHECK(data.inputs(1, 0) == Approx(-1 / deviation));
    CHECK(data.inputs(2, 0) == Approx(3 / deviation));
    for (Eigen::Index i = 0; i < 3; ++i) {
        CHECK(data.inputs(i, 1) == 0.0F);
        CHECK(std::isfinite(data.inputs(i, 2))); // the smallest floats
    }

    data_set other{matrix<float>(1, 3), {0}, 2};
    other.inputs << 3, 8, 0;
    scaling.apply(other);
    CHECK(other.inputs(0, 0) == 0.0F);
    CHECK(other.inputs(0, 1) == 0.0F);

    CHECK(test::ends_process([] {
        static_cast<void>(standardisation::of(data_set{matrix<float>(0, 3), {}, 2}));
    }));
    CHECK(test::ends_process([&] {
        data_set narrow{matrix<float>::Zero(1, 2), {0}, 2};
        scaling.apply(narrow);
    }));
}
