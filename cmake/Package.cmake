# `cpack` in a build folder makes a Debian package: the program, its manual page, the unit of the service and its settings.
find_program(SVI_DPKG_QUERY dpkg-query)
mark_as_advanced(SVI_DPKG_QUERY)

file(READ LICENSE SVI_LICENSE_TEXT)
string(REGEX REPLACE "^MIT License\n\nCopyright[^\n]*\n\n" "" SVI_LICENSE_TEXT "${SVI_LICENSE_TEXT}")
string(STRIP "${SVI_LICENSE_TEXT}" SVI_LICENSE_TEXT)
string(REPLACE "\n\n" "\n.\n" SVI_LICENSE_TEXT "${SVI_LICENSE_TEXT}")
string(REPLACE "\n" "\n " SVI_LICENSE_TEXT " ${SVI_LICENSE_TEXT}")
configure_file(cmake/package/copyright.in package/copyright @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/package/copyright" DESTINATION share/doc/svi-worker)
install(FILES cmake/package/svi-worker.service DESTINATION lib/systemd/system)
# Settings that are there are somebody's.
install(CODE "if(NOT EXISTS \"\$ENV{DESTDIR}/etc/default/svi-worker\")
  file(INSTALL \"${PROJECT_SOURCE_DIR}/cmake/package/svi-worker.default\" DESTINATION /etc/default RENAME svi-worker
       PERMISSIONS OWNER_READ OWNER_WRITE)
endif()")

# The packages whose libraries are loaded late, which no tool finds in the program.
set(late_packages "")
get_property(late_files GLOBAL PROPERTY SVI_LATE_FILES)
foreach(file IN LISTS late_files)
  if(SVI_DPKG_QUERY)
    file(REAL_PATH "${file}" file)
    execute_process(COMMAND "${SVI_DPKG_QUERY}" --search "${file}" OUTPUT_VARIABLE owner ERROR_QUIET)
    if(owner MATCHES "^([^:, ]+)[:,]")
      list(APPEND late_packages "${CMAKE_MATCH_1}")
    endif()
  endif()
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME svi-worker)
set(CPACK_PACKAGE_CONTACT "The svi-worker authors <svi-worker@invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "draws radio recordings on an OpenCL device, as a node of SVI")
set(CPACK_PACKAGE_DESCRIPTION "Waterfalls, spectrograms, persistence spectra, constellations and periodograms
of radio recordings, computed by OpenCL: as a worker of the SpectrumX
Visualization Platform, or on its own from the command line.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/package/compress.cmake")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION hamradio)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
list(JOIN late_packages ", " CPACK_DEBIAN_PACKAGE_DEPENDS)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "pocl-opencl-icd | opencl-icd")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA conffiles postinst prerm postrm)
list(TRANSFORM CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA PREPEND "${PROJECT_SOURCE_DIR}/cmake/package/")
include(CPack)
