#pragma once
// Linux calls that Swift's Glibc module does not carry.

// Asks the kernel to send this signal when the thread or process that started us ends (prctl(2)). 0 or -1.
int lamella_signal_at_parent_death(int signal);
