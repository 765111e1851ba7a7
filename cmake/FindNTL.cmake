# NTL, a library for number theory: target NTL::NTL. Honours NTL_ROOT and CMAKE_PREFIX_PATH.
find_path(NTL_INCLUDE_DIR NTL/ZZ.h)
find_library(NTL_LIBRARY ntl)
find_package(GMP QUIET)
find_package(Threads QUIET)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(NTL REQUIRED_VARS NTL_LIBRARY NTL_INCLUDE_DIR GMP_FOUND Threads_FOUND
    REASON_FAILURE_MESSAGE "install libntl-dev (Debian), ntl-devel (Fedora) or ntl (Homebrew)")
mark_as_advanced(NTL_INCLUDE_DIR NTL_LIBRARY)
if(NTL_FOUND AND NOT TARGET NTL::NTL)
    add_library(NTL::NTL UNKNOWN IMPORTED)
    set_target_properties(NTL::NTL PROPERTIES
        IMPORTED_LOCATION "${NTL_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${NTL_INCLUDE_DIR}"
        INTERFACE_LINK_LIBRARIES "GMP::GMP;Threads::Threads")
endif()
