# Stb::headers: stb_image_write.h and stb_truetype.h, single-header libraries that we compile into one file each.
find_path(Stb_INCLUDE_DIR stb_truetype.h PATH_SUFFIXES stb)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Stb REQUIRED_VARS Stb_INCLUDE_DIR)
if(Stb_FOUND AND NOT TARGET Stb::headers)
  add_library(Stb::headers INTERFACE IMPORTED)
  set_target_properties(Stb::headers PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${Stb_INCLUDE_DIR}")
endif()
mark_as_advanced(Stb_INCLUDE_DIR)
