// SPDX-License-Identifier: MIT
// Handlers of forms: a program that has none does not link them.
#include <weir/detail/impl/form_builder.ipp>
#include <weir/detail/impl/form_reader.ipp>
#include <weir/detail/impl/late_handler.ipp>
#include <weir/impl/form_data.ipp>
#include <weir/impl/form_options.ipp>
#include <weir/impl/multipart.ipp>
#include <weir/net/impl/temp_file.ipp>
