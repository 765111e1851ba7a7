// The one place that knows where Catch2 lives: version 2 is a single header, version 3 a library.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
