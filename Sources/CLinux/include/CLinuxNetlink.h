// Netlink: the kernel's own constants and message headers for routes, conntrack and the packet filter's notifications.
#ifndef CLINUX_NETLINK_H
#define CLINUX_NETLINK_H

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/veth.h>

#endif
