# The Debian packages that `make deb` makes, one a component: yoloport, libyoloport0.1 and libyoloport-dev. Include
# after the install rules. What a package depends on, dpkg-shlibdeps finds from what its files are linked with.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME yoloport)
set(CPACK_PACKAGE_VENDOR "the yoloport authors")
set(CPACK_PACKAGE_CONTACT "the yoloport authors <yoloport@localhost>" CACHE STRING "Who makes the packages")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_COMPONENTS_ALL runtime library development)
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${YOLOPORT_PRIVATE_FOLDERS} ${PROJECT_BINARY_DIR})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(same_version "(= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME yoloport)
# Fonts for class names: Latin, Cyrillic, Arabic; and Chinese, Japanese, Korean.
set(CPACK_DEBIAN_RUNTIME_PACKAGE_RECOMMENDS "fonts-dejavu-core, fonts-droid-fallback | fonts-noto-cjk")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "Takes a training config and a checkpoint of an MMYOLO detector to ONNX, and
from there to boxes on images and videos, without Python, torch or mmcv.
ONNX Runtime and, for CPUs, OpenVINO are part of the package.")

# Libraries find ONNX Runtime in the folder of the programs' package.
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libyoloport${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS "yoloport ${same_version}")
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "What programs need that were built with libyoloport-dev.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libyoloport-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${CPACK_DEBIAN_LIBRARY_PACKAGE_NAME} ${same_version}")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Headers, and files for CMake's find_package(yoloport).")

# Debian wants to know of each what is whose.
foreach(component RUNTIME LIBRARY DEVELOPMENT)
  string(TOLOWER ${component} lower)
  install(FILES ${PROJECT_SOURCE_DIR}/packaging/debian/copyright
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CPACK_DEBIAN_${component}_PACKAGE_NAME} COMPONENT ${lower})
endforeach()

include(CPack)
