# SPDX-License-Identifier: MIT
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/weir)
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# The headers of a part that is left out stay out as well.
set(left_out "")
if(NOT WEIR_CRYPTO)
  list(APPEND left_out REGEX "/weir/(impl/)?signed_cookie\\.[hi]pp$" EXCLUDE)
endif()
if(NOT WEIR_COMPRESSION)
  list(APPEND left_out REGEX "/weir/(impl/)?(de)?compress\\.[hi]pp$" EXCLUDE
       REGEX "/weir/detail/(impl/)?(en|de)coder\\.[hi]pp$" EXCLUDE)
endif()
install(DIRECTORY include/weir DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*.ipp" ${left_out})
install(TARGETS weir weir_header_only EXPORT weirTargets)
if(WEIR_CRYPTO)
  install(TARGETS weir_crypto EXPORT weirTargets)
endif()
if(WEIR_COMPRESSION)
  install(TARGETS weir_compression EXPORT weirTargets)
  install(FILES cmake/weir_codings-config.cmake DESTINATION ${package_dir})
endif()
install(EXPORT weirTargets NAMESPACE weir:: DESTINATION ${package_dir})

configure_package_config_file(cmake/weirConfig.cmake.in weirConfig.cmake
                              INSTALL_DESTINATION ${package_dir}
                              NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(weirConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/weirConfig.cmake ${PROJECT_BINARY_DIR}/weirConfigVersion.cmake
              cmake/weirEmbed.cmake cmake/weirEmbedTable.cmake cmake/weirJson.cmake
        DESTINATION ${package_dir})

# weir.pc and weir-header-only.pc. Paths are relative to the file, so that the tree may be moved or staged.
function(weir_install_pc name libs definitions)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
    set(prefix ${CMAKE_INSTALL_PREFIX})
    set(libdir ${CMAKE_INSTALL_LIBDIR})
  else()
    file(RELATIVE_PATH up "/p/${pkgconfig_dir}" /p)
    string(REGEX REPLACE "/$" "" up "${up}")
    set(prefix "\${pcfiledir}/${up}")
    set(libdir "\${prefix}/${CMAKE_INSTALL_LIBDIR}")
  endif()
  cmake_path(APPEND includedir "\${prefix}" "${CMAKE_INSTALL_INCLUDEDIR}")
  if(WEIR_CHECKED)
    string(APPEND definitions " -DWEIR_CHECKED")
  endif()
  configure_file(cmake/weir.pc.in ${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${pkgconfig_dir})
endfunction()
weir_install_pc(weir "-L\${libdir} -lweir" "")
weir_install_pc(weir-header-only "" "-DWEIR_HEADER_ONLY")
if(WEIR_CRYPTO)
  weir_install_pc(weir-crypto "-L\${libdir} -lweir_crypto -lweir -lcrypto" "")
endif()
if(WEIR_COMPRESSION)
  weir_install_pc(weir-compression "-L\${libdir} -lweir_compression -lweir -lz -lbrotlienc -lbrotlidec -lzstd" "")
endif()
