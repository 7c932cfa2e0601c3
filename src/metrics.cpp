// SPDX-License-Identifier: MIT
// Metrics: a program that measures nothing does not link them.
#include <weir/impl/metrics.ipp>
#include <weir/impl/metrics_snapshot.ipp>
