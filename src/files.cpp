// SPDX-License-Identifier: MIT
// What serving files and coded content needs of HTTP: a program that does neither does not link it.
#include <weir/http/impl/accept_encoding.ipp>
#include <weir/http/impl/byte_ranges.ipp>
#include <weir/http/impl/conditional.ipp>
#include <weir/http/impl/file_path.ipp>
#include <weir/http/impl/mime_types.ipp>
