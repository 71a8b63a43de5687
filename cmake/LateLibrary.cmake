# svi_load_late(<target> <name> <library file>...): of these files, the first one that is a shared library is not loaded when the
# program starts, but by late_<name>.c when it is called. Where none is one (a static build, a script of the linker), it is linked.
# The program does not name them as needed any more: a package has to name them itself, see Package.cmake.
function(svi_load_late target name)
  foreach(file IN LISTS ARGN)
    if(NOT EXISTS "${file}" OR NOT CMAKE_READELF)
      continue()
    endif()
    execute_process(COMMAND "${CMAKE_READELF}" -d "${file}" OUTPUT_VARIABLE dynamic ERROR_QUIET)
    if(dynamic MATCHES "\\(SONAME\\)[^[]*\\[([^]]+)\\]")
      string(TOUPPER "SVI_LATE_${name}" definition)
      target_sources(${target} PRIVATE late_${name}.c)
      set_source_files_properties(late_${name}.c PROPERTIES COMPILE_DEFINITIONS "${definition}=\"${CMAKE_MATCH_1}\"")
      set_property(GLOBAL APPEND PROPERTY SVI_LATE_FILES "${file}")
      # The libraries are still named to the linker, which then finds that they are not needed.
      target_link_options(${target} PRIVATE LINKER:--as-needed)
      return()
    endif()
  endforeach()
endfunction()
