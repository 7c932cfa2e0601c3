# SPDX-License-Identifier: MIT
#
# weir::crypto: what needs OpenSSL's libcrypto. Header-only: link weir::header_only and OpenSSL::Crypto instead.

set(crypto_default ${PROJECT_IS_TOP_LEVEL})
if(NOT PROJECT_IS_TOP_LEVEL)
  find_package(OpenSSL QUIET COMPONENTS Crypto)
  set(crypto_default ${OPENSSL_FOUND})
endif()
option(WEIR_CRYPTO "Build weir::crypto: signed cookies (OpenSSL)" ${crypto_default})

function(weir_add_crypto)
  if(NOT WEIR_CRYPTO)
    return()
  endif()
  if(NOT TARGET OpenSSL::Crypto)
    message(FATAL_ERROR "weir::crypto needs OpenSSL: install libssl-dev, or leave it out by -DWEIR_CRYPTO=OFF.")
  endif()
  add_library(weir_crypto ${ARGN})
  add_library(weir::crypto ALIAS weir_crypto)
  target_link_libraries(weir_crypto PUBLIC weir PRIVATE OpenSSL::Crypto)
  set_target_properties(
    weir_crypto
    PROPERTIES EXPORT_NAME crypto
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               POSITION_INDEPENDENT_CODE ON
               INSTALL_RPATH "$ORIGIN" # libweir lies beside it
               VERSION ${PROJECT_VERSION}
               SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  weir_own(weir_crypto)
endfunction()

if(WEIR_CRYPTO)
  find_package(OpenSSL COMPONENTS Crypto)
endif()
