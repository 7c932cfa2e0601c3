// SPDX-License-Identifier: MIT
// Forms: a program that reads none does not link them.
#include <weir/http/impl/form.ipp>
#include <weir/http/impl/media_type.ipp>
#include <weir/http/impl/multipart_parser.ipp>
