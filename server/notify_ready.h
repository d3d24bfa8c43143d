#pragma once

namespace mp::server {

// Says that this process serves now to who started it and waits for that: systemd, for a unit of
// Type=notify, by the socket that $NOTIFY_SOCKET names. Without that variable nothing happens.
//
// Source: sd_notify(3), whose protocol is a datagram, READY=1.
void notify_ready();

}  // namespace mp::server
