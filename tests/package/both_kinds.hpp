// SPDX-License-Identifier: MIT
#pragma once

/// Each starts and stops a server of its kind and returns 0.
int serve_compiled();
int serve_header_only();
