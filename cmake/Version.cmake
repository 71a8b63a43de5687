# The version stands once, in the root CMakeLists.txt. The commit is read again at every build, not at every configure.
set(SVI_VERSION_SOURCE "${PROJECT_BINARY_DIR}/version.c")
add_custom_target(svi_version_source
  COMMAND "${CMAKE_COMMAND}" "-DSOURCE_DIR=${PROJECT_SOURCE_DIR}" "-DOUTPUT=${SVI_VERSION_SOURCE}"
          "-DVERSION=${PROJECT_VERSION}" -P "${PROJECT_SOURCE_DIR}/cmake/WriteVersion.cmake"
  BYPRODUCTS "${SVI_VERSION_SOURCE}"
  VERBATIM)
