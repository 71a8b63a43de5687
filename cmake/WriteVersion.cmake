cmake_minimum_required(VERSION 3.23)
set(commit "")
find_program(git git)
if(git)
  execute_process(COMMAND "${git}" -C "${SOURCE_DIR}" describe --always --dirty --exclude=*
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT commit)
  set(commit "unknown")
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT
"/* Made by cmake/WriteVersion.cmake; do not edit. */
#include \"base/version.h\"

const char svi_version[] = \"@VERSION@\";
const char svi_commit[] = \"@commit@\";
")
