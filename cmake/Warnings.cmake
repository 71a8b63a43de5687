# One interface target carries the warnings of all our own code; third-party headers are included as SYSTEM.
option(SVI_WERROR "Warnings are errors" OFF)

add_library(svi_warnings INTERFACE)
target_compile_options(svi_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wpedantic -Wstrict-prototypes -Wmissing-prototypes
  -Wformat=2 -Wundef -Wpointer-arith -Wwrite-strings -Wvla
  $<$<BOOL:${SVI_WERROR}>:-Werror>)
# _GNU_SOURCE: memfd_create, pipe2, mkostemp and friends; the program runs on Linux.
target_compile_definitions(svi_warnings INTERFACE _GNU_SOURCE)
