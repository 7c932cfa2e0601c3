# SPDX-License-Identifier: MIT
#
# weir::crypto: what needs OpenSSL's libcrypto. Header-only: link weir::header_only and OpenSSL::Crypto instead.

set(crypto_default ON)
if(NOT PROJECT_IS_TOP_LEVEL)
  find_package(OpenSSL QUIET COMPONENTS Crypto)
  set(crypto_default ${OPENSSL_FOUND})
endif()
option(WEIR_CRYPTO "Build weir::crypto: signed cookies (OpenSSL)" ${crypto_default})

if(WEIR_CRYPTO)
  find_package(OpenSSL COMPONENTS Crypto)
  if(NOT TARGET OpenSSL::Crypto)
    message(FATAL_ERROR "weir::crypto needs OpenSSL: install libssl-dev, or leave it out by -DWEIR_CRYPTO=OFF.")
  endif()
endif()
