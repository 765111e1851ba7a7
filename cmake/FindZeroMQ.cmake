# ZeroMQ with its C++ binding cppzmq: target ZeroMQ::cppzmq. Honours ZeroMQ_ROOT and CMAKE_PREFIX_PATH.
find_path(CPPZMQ_INCLUDE_DIR zmq.hpp)
find_path(ZeroMQ_INCLUDE_DIR zmq.h)
find_library(ZeroMQ_LIBRARY zmq)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ZeroMQ REQUIRED_VARS ZeroMQ_LIBRARY ZeroMQ_INCLUDE_DIR CPPZMQ_INCLUDE_DIR
    REASON_FAILURE_MESSAGE "install libzmq3-dev and cppzmq-dev (Debian), cppzmq-devel (Fedora) or cppzmq (Homebrew)")
mark_as_advanced(CPPZMQ_INCLUDE_DIR ZeroMQ_INCLUDE_DIR ZeroMQ_LIBRARY)
if(ZeroMQ_FOUND AND NOT TARGET ZeroMQ::cppzmq)
    add_library(ZeroMQ::cppzmq UNKNOWN IMPORTED)
    set_target_properties(ZeroMQ::cppzmq PROPERTIES IMPORTED_LOCATION "${ZeroMQ_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${ZeroMQ_INCLUDE_DIR};${CPPZMQ_INCLUDE_DIR}")
endif()
