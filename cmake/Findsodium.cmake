# libsodium 1.0.18 or newer (ristretto255): target sodium::sodium. Honours sodium_ROOT and CMAKE_PREFIX_PATH.
find_path(sodium_INCLUDE_DIR sodium.h)
find_library(sodium_LIBRARY sodium)
if(sodium_INCLUDE_DIR AND NOT EXISTS "${sodium_INCLUDE_DIR}/sodium/crypto_core_ristretto255.h")
    set(sodium_INCLUDE_DIR sodium_INCLUDE_DIR-NOTFOUND)
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(sodium REQUIRED_VARS sodium_LIBRARY sodium_INCLUDE_DIR
    REASON_FAILURE_MESSAGE "install libsodium-dev (Debian), libsodium-devel (Fedora) or libsodium (Homebrew), 1.0.18 or newer")
mark_as_advanced(sodium_INCLUDE_DIR sodium_LIBRARY)
if(sodium_FOUND AND NOT TARGET sodium::sodium)
    add_library(sodium::sodium UNKNOWN IMPORTED)
    set_target_properties(sodium::sodium PROPERTIES
        IMPORTED_LOCATION "${sodium_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${sodium_INCLUDE_DIR}")
endif()
