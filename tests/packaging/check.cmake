# Builds and runs the program in consumer/ against veilsum, found in one of two ways:
#   WAY=find_package: installed under WORK/first, then moved, so that a path into a source or build folder, or
#                     into the place of installation, is noticed
#   WAY=add_subdirectory: taken from the source folder
cmake_minimum_required(VERSION 3.25)

function(must_work what)
    execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
    if(NOT code EQUAL 0)
        message(FATAL_ERROR "${what} failed (${code}):\n${output}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
get_filename_component(here "${CMAKE_CURRENT_LIST_FILE}" DIRECTORY)

if(WAY STREQUAL "find_package")
    must_work("installing" "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${WORK}/first")
    file(RENAME "${WORK}/first" "${WORK}/moved")
    set(arguments "-DCMAKE_PREFIX_PATH=${WORK}/moved")

    # Each header is installed once, at its source path, and nothing else is.
    file(GLOB_RECURSE installed RELATIVE "${WORK}/moved/include" "${WORK}/moved/include/*")
    file(GLOB_RECURSE expected RELATIVE "${SOURCE}/include" "${SOURCE}/include/*")
    if(NOT LEARN)
        list(FILTER expected EXCLUDE REGEX "^veilsum/learn/")
    endif()
    if(NOT NTL)
        list(FILTER expected EXCLUDE REGEX "/ntl_[^/]*$")
    endif()
    list(SORT installed)
    list(SORT expected)
    if(NOT installed STREQUAL expected)
        message(FATAL_ERROR "installed headers:\n${installed}\nexpected:\n${expected}")
    endif()
    file(GLOB_RECURSE package_files "${WORK}/moved/*.cmake")
    if(NOT package_files)
        message(FATAL_ERROR "no package files were installed")
    endif()
    foreach(file IN LISTS package_files)
        file(READ "${file}" text)
        foreach(path IN ITEMS "${SOURCE}" "${BUILD}" "${WORK}")
            string(FIND "${text}" "${path}" position)
            if(NOT position EQUAL -1)
                message(FATAL_ERROR "${file} mentions ${path}")
            endif()
        endforeach()
    endforeach()
else()
    set(arguments "-DVEILSUM_SOURCE=${SOURCE}")
endif()

must_work("configuring" "${CMAKE_COMMAND}" -S "${here}/consumer" -B "${WORK}/build" -G "${GENERATOR}"
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}"
    "-DEXPECT_LEARN=${LEARN}" "-DEXPECT_NTL=${NTL}" ${arguments})
must_work("building" "${CMAKE_COMMAND}" --build "${WORK}/build")
must_work("running" "${WORK}/build/consumer")
if(NOT output STREQUAL "veilsum\n")
    message(FATAL_ERROR "the program printed: ${output}")
endif()
