// SPDX-License-Identifier: MIT
#pragma once

/// Each starts and stops a server of its kind and returns what wait() said.
int serve_compiled();
int serve_header_only();
