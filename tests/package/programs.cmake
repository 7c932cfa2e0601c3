# SPDX-License-Identifier: MIT
# What a stranger builds, once weir::weir and weir::header_only are there.
set(here ${CMAKE_CURRENT_LIST_DIR})

add_executable(hello ${here}/hello.cpp)
target_link_libraries(hello PRIVATE weir::weir)

add_executable(hello_header_only ${here}/hello.cpp)
target_link_libraries(hello_header_only PRIVATE weir::header_only)

add_library(half OBJECT ${here}/both_kinds_header_only.cpp)
target_link_libraries(half PRIVATE weir::header_only)
add_executable(both_kinds ${here}/both_kinds.cpp ${here}/both_kinds_compiled.cpp $<TARGET_OBJECTS:half>)
target_link_libraries(both_kinds PRIVATE weir::weir)

add_executable(compression ${here}/compression.cpp)
target_link_libraries(compression PRIVATE weir::compression)

add_executable(compression_header_only ${here}/compression.cpp)
target_link_libraries(compression_header_only PRIVATE weir::header_only z brotlienc brotlidec zstd)

add_executable(crypto ${here}/crypto.cpp)
target_link_libraries(crypto PRIVATE weir::crypto)

find_package(OpenSSL REQUIRED COMPONENTS Crypto)
add_executable(crypto_header_only ${here}/crypto.cpp)
target_link_libraries(crypto_header_only PRIVATE weir::header_only OpenSSL::Crypto)

add_executable(json ${here}/json.cpp)
target_link_libraries(json PRIVATE weir::weir weir::json)
add_executable(json_header_only ${here}/json.cpp)
target_link_libraries(json_header_only PRIVATE weir::header_only weir::json)

set(ASSETS ${here}/assets CACHE PATH "What is embedded")
foreach(kind weir header_only)
  add_executable(embedded_${kind} ${here}/embedded.cpp)
  target_link_libraries(embedded_${kind} PRIVATE weir::${kind})
  weir_embed(embedded_${kind} ${ASSETS} NAME assets)
endforeach()
