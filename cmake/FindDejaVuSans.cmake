# DejaVuSans_FILE: the font that is embedded in the program.
find_file(DejaVuSans_FILE DejaVuSans.ttf
          PATHS /usr/share/fonts /usr/local/share/fonts
          PATH_SUFFIXES truetype/dejavu TTF dejavu dejavu-sans-fonts)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DejaVuSans REQUIRED_VARS DejaVuSans_FILE)
if(DejaVuSans_FOUND)
  file(READ "${DejaVuSans_FILE}" magic LIMIT 4 HEX)
  if(NOT magic STREQUAL "00010000")
    message(FATAL_ERROR "${DejaVuSans_FILE} is not a TrueType font")
  endif()
endif()
mark_as_advanced(DejaVuSans_FILE)
