// SPDX-License-Identifier: MIT
// What files on disks and embedded ones have in common.
#include <weir/detail/impl/file_content.ipp>
#include <weir/detail/impl/file_listing.ipp>
#include <weir/detail/impl/file_resource.ipp>
#include <weir/impl/file_options.ipp>
