# svi_folder(<name> [SOURCES <file>...] [BELOW <folder>...] [LIBRARIES <target>...])
#
# Without SOURCES, every .c file of the folder belongs to it; the next build sees a new one.
# One folder of src/ becomes one static library, svi_<name>. Its headers are seen as "<name>/header.h", and only by targets that
# link it: the include path of each folder is a directory that holds nothing but a link to that folder. So an include that points
# up the arrows (base < capture < device < visual < host) does not compile.
function(svi_folder name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;BELOW;LIBRARIES")
  set(view "${PROJECT_BINARY_DIR}/include/${name}")
  file(MAKE_DIRECTORY "${view}")
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${view}/${name}" SYMBOLIC)
  if(NOT arg_SOURCES)
    file(GLOB arg_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.c")
  endif()
  add_library(svi_${name} STATIC ${arg_SOURCES})
  target_include_directories(svi_${name} PUBLIC "${view}")
  list(TRANSFORM arg_BELOW PREPEND svi_)
  target_link_libraries(svi_${name} PUBLIC ${arg_BELOW} PRIVATE svi_warnings ${arg_LIBRARIES})
endfunction()
