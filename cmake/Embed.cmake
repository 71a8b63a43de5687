# svi_embed(<target> <symbol> FILES <file>...)
#
# Adds to <target> a C table of the files' bytes, made at build time: `const struct svi_embedded <symbol>[]`, ended by a row
# whose name is NULL. Names are file names without their folder. See base/embedded.h.
function(svi_embed target symbol)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "FILES")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${symbol}.c")
  string(REPLACE ";" "|" joined "${arg_FILES}")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" "-DOUTPUT=${output}" "-DSYMBOL=${symbol}" "-DFILES=${joined}"
            -P "${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake"
    DEPENDS ${arg_FILES} "${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake"
    COMMENT "Embedding ${symbol}"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
