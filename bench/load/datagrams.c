/* Load and echo for `python -m bench.datagrams`, as cheap as can be, so that the relay is measured.
 *
 *   datagrams echo SEGMENTS                    prints its port, sends every packet back until killed
 *   datagrams load PORT PEERS WINDOW SIZE WARM SECONDS SEGMENTS    prints `begin`, then numbers; waits
 *
 * Every peer has a socket of its own and keeps WINDOW packets on their way. A packet carries its
 * peer and its number, so that what was lost, came twice, came to somebody else or was cut is seen.
 * SEGMENTS 1 uses UDP_SEGMENT and UDP_GRO (udp(7)) on this side of the wire, 0 does not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BURST = 64, ROOM = 65536, SEGMENT = 103, GRO = 104, MOST_PEERS = 4096 };

static struct mmsghdr in[BURST], out[BURST];
static struct iovec in_parts[BURST], out_parts[BURST];
static struct sockaddr_in names[BURST];
static union { char bytes[64]; struct cmsghdr align; } in_control[BURST], out_control[BURST];
static char *arena, *outgoing;

static void must(int fine, const char *what) {
    if (!fine) { perror(what); exit(1); }
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double spent(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1e-6;
}

static void prepare(void) {
    arena = malloc((size_t)BURST * (ROOM + 128));
    outgoing = malloc((size_t)BURST * (ROOM + 128));
    must(arena && outgoing, "malloc");
    for (int i = 0; i < BURST; i++) {
        in_parts[i] = (struct iovec){arena + (size_t)i * (ROOM + 128), ROOM};
        in[i].msg_hdr.msg_iov = &in_parts[i];
        in[i].msg_hdr.msg_iovlen = 1;
        out[i].msg_hdr.msg_iov = &out_parts[i];
        out[i].msg_hdr.msg_iovlen = 1;
    }
}

static int receive(int sock, int with_names) {
    for (int i = 0; i < BURST; i++) {
        in[i].msg_hdr.msg_name = with_names ? &names[i] : NULL;
        in[i].msg_hdr.msg_namelen = with_names ? sizeof names[i] : 0;
        in[i].msg_hdr.msg_control = &in_control[i];
        in[i].msg_hdr.msg_controllen = sizeof in_control[i];
    }
    return recvmmsg(sock, in, BURST, MSG_DONTWAIT, NULL);
}

/* The size of the packets that the kernel joined in this message (udp(7), UDP_GRO). */
static size_t segment_of(struct mmsghdr *m) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m->msg_hdr); c; c = CMSG_NXTHDR(&m->msg_hdr, c))
        if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == GRO) {
            int size;
            memcpy(&size, CMSG_DATA(c), sizeof size);
            return size;
        }
    return m->msg_len;
}

static void cut(struct mmsghdr *m, int slot, size_t size) {
    m->msg_hdr.msg_control = NULL;
    m->msg_hdr.msg_controllen = 0;
    if (!size || m->msg_hdr.msg_iov->iov_len <= size) return;
    m->msg_hdr.msg_control = &out_control[slot];
    m->msg_hdr.msg_controllen = CMSG_SPACE(sizeof(uint16_t));
    struct cmsghdr *c = CMSG_FIRSTHDR(&m->msg_hdr);
    uint16_t wanted = size;
    c->cmsg_level = IPPROTO_UDP;
    c->cmsg_type = SEGMENT;
    c->cmsg_len = CMSG_LEN(sizeof wanted);
    memcpy(CMSG_DATA(c), &wanted, sizeof wanted);
}

static int opened(int room, int segments) {
    int sock = socket(AF_INET, SOCK_DGRAM, 0);
    must(sock >= 0, "socket");
    setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (segments) {
        int one = 1;
        must(!setsockopt(sock, IPPROTO_UDP, GRO, &one, sizeof one), "UDP_GRO");
    }
    return sock;
}

static void echo(int segments) {
    int sock = opened(4 << 20, segments);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    must(!bind(sock, (struct sockaddr *)&address, length), "bind");
    must(!getsockname(sock, (struct sockaddr *)&address, &length), "getsockname");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    int epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(epoll, EPOLL_CTL_ADD, sock, &event);
    for (;;) {
        int count = receive(sock, 1);
        if (count <= 0) {
            epoll_wait(epoll, &event, 1, -1);
            continue;
        }
        int sends = 0;
        for (int i = 0; i < count; i++) {
            /* Packets of one peer that stand together go back together, where that is asked for. */
            size_t size = segment_of(&in[i]), have = in[i].msg_len;
            char *at = in_parts[i].iov_base;
            while (segments && size && i + 1 < count && have % size == 0 &&
                   in[i + 1].msg_len == size && have + size <= 60000 && have / size < 60 &&
                   !memcmp(&names[i], &names[i + 1], 8)) {
                memcpy(at + have, in_parts[++i].iov_base, size);
                have += size;
            }
            out_parts[sends] = (struct iovec){at, have};
            out[sends].msg_hdr.msg_name = &names[i];
            out[sends].msg_hdr.msg_namelen = sizeof names[i];
            cut(&out[sends], sends, segments ? size : 0);
            sends++;
        }
        for (int done = 0; done < sends;) {
            int sent = sendmmsg(sock, out + done, sends - done, 0);
            done += sent > 0 ? sent : 1; /* an ICMP message about a relay that is gone */
        }
    }
}

struct peer { int sock; uint32_t next, heard; double last; };
static struct peer peers[MOST_PEERS];

static void send_some(struct peer *p, int count, size_t size, int segments) {
    while (count > 0) {
        int some = count < BURST ? count : BURST;
        if (segments && (size_t)some * size > 60000) some = 60000 / size ? 60000 / size : 1;
        for (int i = 0; i < some; i++) {
            char *at = outgoing + i * (segments ? size : ROOM + 128);
            uint32_t mark[2] = {(uint32_t)(p - peers), p->next++};
            memcpy(at, mark, sizeof mark);
            out_parts[i] = (struct iovec){at, size};
            out[i].msg_hdr.msg_name = NULL;
            out[i].msg_hdr.msg_namelen = 0;
            cut(&out[i], i, 0);
        }
        if (segments) {
            out_parts[0].iov_len = some * size;
            cut(&out[0], 0, size);
            sendmsg(p->sock, &out[0].msg_hdr, 0);
        } else {
            for (int done = 0; done < some;) {
                int sent = sendmmsg(p->sock, out + done, some - done, 0);
                if (sent <= 0) break; /* not there yet: counted as lost in time */
                done += sent;
            }
        }
        count -= some;
    }
}

static void load(int port, int count, int window, size_t size, double warm, double seconds, int segments) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    address.sin_port = htons(port);
    int epoll = epoll_create1(0);
    must(count <= MOST_PEERS && size >= 8, "at most 4096 peers, packets of at least 8 bytes");
    memset(outgoing, 'x', (size_t)BURST * (ROOM + 128));
    for (int i = 0; i < count; i++) {
        peers[i].sock = opened(1 << 20, segments);
        must(!connect(peers[i].sock, (struct sockaddr *)&address, sizeof address), "connect");
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
        epoll_ctl(epoll, EPOLL_CTL_ADD, peers[i].sock, &event);
    }
    double start = now(), begun = 0, looked = start, cost = 0;
    uint64_t back = 0, lost = 0, twice = 0, wrong = 0;
    int counting = 0, greeted = 0;
    struct epoll_event events[256];
    for (;;) {
        double t = now();
        /* Newcomers arrive over the first half of the warm-up, one packet each. */
        int due = warm > 0 ? (int)(count * (t - start) / (warm / 2)) + 1 : count;
        for (; greeted < count && greeted < due; greeted++) {
            peers[greeted].last = t;
            send_some(&peers[greeted], 1, size, segments);
        }
        if (!counting && t - start >= warm) {
            counting = 1, begun = t, cost = spent();
            back = lost = twice = wrong = 0;
            for (int i = 0; i < count; i++) {
                peers[i].last = t;
                send_some(&peers[i], window - 1, size, segments);
            }
            printf("begin\n");
            fflush(stdout);
        }
        if (counting && t - begun >= seconds) {
            cost = spent() - cost;
            uint64_t unheard = 0;
            for (int i = 0; i < count; i++)
                if (t - peers[i].last > 0.5) unheard += peers[i].next - peers[i].heard;
            printf("%llu %llu %llu %llu %.6f %.6f\n", (unsigned long long)back,
                   (unsigned long long)(lost + unheard), (unsigned long long)twice,
                   (unsigned long long)wrong, t - begun, cost);
            fflush(stdout);
            /* Sockets that close would end sessions of the relay whose time is still to be read. */
            for (;;) pause();
        }
        int ready = epoll_wait(epoll, events, 256, greeted < count ? 1 : 50);
        for (int e = 0; e < ready; e++) {
            struct peer *p = &peers[events[e].data.u32];
            int got = receive(p->sock, 0), room = 0;
            for (int i = 0; i < got; i++) {
                size_t step = segment_of(&in[i]);
                for (size_t at = 0; at < in[i].msg_len; at += step) {
                    uint32_t mark[2];
                    size_t have = in[i].msg_len - at < step ? in[i].msg_len - at : step;
                    memcpy(mark, (char *)in_parts[i].iov_base + at, sizeof mark);
                    if (have != size || mark[0] != (uint32_t)(p - peers)) {
                        wrong++;
                        continue;
                    }
                    if (mark[1] < p->heard) {
                        twice++;
                        continue;
                    }
                    lost += mark[1] - p->heard;
                    room += 1 + mark[1] - p->heard;
                    p->heard = mark[1] + 1;
                    back++;
                }
            }
            if (room) {
                p->last = t;
                send_some(p, room, size, segments);
            }
        }
        if (t - looked > 0.5) {
            looked = t;
            for (int i = 0; i < greeted; i++)
                if (t - peers[i].last > 0.5) {
                    int gone = peers[i].next - peers[i].heard;
                    lost += gone;
                    peers[i].heard = peers[i].next;
                    peers[i].last = t;
                    send_some(&peers[i], counting ? window : 1, size, segments);
                }
        }
    }
}

int main(int argc, char **argv) {
    prepare();
    if (argc == 3 && !strcmp(argv[1], "echo")) echo(atoi(argv[2]));
    if (argc == 9 && !strcmp(argv[1], "load"))
        load(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), atoi(argv[5]), atof(argv[6]), atof(argv[7]), atoi(argv[8]));
    else
        return 2;
    return 0;
}
