/*
 * Announces to a tracker on 127.0.0.1, as many as it can take with a bounded number in flight.
 *
 *   tracker_load hashes SWARMS
 *   tracker_load udp|keepalive|connect|proxied PORT started|regular PEERS SWARMS COUNT WINDOW SECONDS
 *
 * One thread. Peer i of PEERS is in swarm i % SWARMS and listens at port 1024 + i / SWARMS; each
 * fourth is a seeder. "started" announces each peer once, in order; "regular" announces COUNT
 * random ones. "proxied" keeps its connections and says that each peer has an address of its own, for
 * a tracker with --trust-proxy 1. Ends after COUNT answers or SECONDS, and prints one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_WINDOW = 4096, UDP_SOCKETS = 8, WANTED = 50 };

static long peers, swarms, count, window;
static long asked, answered, refused, resent, got;
static int port, is_start;
static double until;
static uint64_t dice = 88172645463325252ull;

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

static uint64_t roll(void) {
  dice ^= dice << 13;
  dice ^= dice >> 7;
  return dice ^= dice << 17;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void info_hash(long swarm, uint8_t hash[20]) {
  uint64_t state = 0x2545f4914f6cdd1dull * (uint64_t)(swarm + 1);
  for (int i = 0; i < 20; i++) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    hash[i] = state >> 56;
  }
}

static long next_peer(void) {
  long turn = asked++;
  return is_start ? turn : (long)(roll() % (uint64_t)peers);
}

static struct sockaddr_in tracker(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/* ---- HTTP ---- */

struct client {
  int socket;
  int length;    /* bytes of the answer so far */
  int expected;  /* bytes of the whole answer, 0 while its head is not there */
  char answer[32768];
};

static int keeps_alive, is_proxy, poller;

static void ask(struct client *client) {
  char request[600], escaped[61], forwarded[48] = "";
  uint8_t hash[20];
  long peer = next_peer();
  info_hash(peer % swarms, hash);
  for (int i = 0; i < 20; i++) sprintf(escaped + 3 * i, "%%%02X", hash[i]);
  if (is_proxy) {
    sprintf(forwarded, "X-Forwarded-For: 11.%ld.%ld.%ld\r\n", peer >> 16 & 255, peer >> 8 & 255, peer & 255);
  }
  int length = snprintf(request, sizeof request,
    "GET /announce?info_hash=%s&peer_id=-VL0001-%012ld&port=%ld&uploaded=0&downloaded=0&left=%d"
    "&numwant=%d&compact=1%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: tracker_load\r\n"
    "%sConnection: %s\r\n\r\n",
    escaped, peer, 1024 + peer / swarms, peer % 4 == 0 ? 0 : 1 << 20, WANTED,
    is_start ? "&event=started" : "", port, forwarded, keeps_alive ? "keep-alive" : "close");
  client->length = client->expected = 0;
  if (send(client->socket, request, length, MSG_NOSIGNAL) != length) refused++;
}

static void dial(struct client *client) {
  struct sockaddr_in address = tracker();
  int yes = 1;
  client->socket = socket(AF_INET, SOCK_STREAM, 0);
  if (client->socket < 0) fail("socket");
  setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect(client->socket, (struct sockaddr *)&address, sizeof address)) fail("connect");
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, client->socket, &event)) fail("epoll_ctl");
}

/* Looks at what came; 1 where the answer is whole. */
static int is_whole(struct client *client) {
  if (client->expected == 0) {
    client->answer[client->length] = 0;
    char *end = strstr(client->answer, "\r\n\r\n");
    char *field = strcasestr(client->answer, "\r\ncontent-length:");
    if (end == NULL || field == NULL || field > end) return 0;
    client->expected = end + 4 - client->answer + atoi(field + 17);
  }
  return client->length >= client->expected;
}

static void note_answer(struct client *client) {
  char *list = memmem(client->answer, client->length, "5:peers", 7);
  answered++;
  if (list == NULL || memcmp(client->answer + 8, " 200", 4)) {
    if (refused++ == 0) fprintf(stderr, "Unexpected: %.200s\n", client->answer);
  } else {
    got += atoi(list + 7) / 6;
  }
}

static void run_http(void) {
  static struct client clients[MAX_WINDOW];
  struct epoll_event events[256];
  long open = 0;
  poller = epoll_create1(0);
  for (; open < window && asked < count; open++) {
    dial(&clients[open]);
    ask(&clients[open]);
  }
  while (open > 0 && seconds() < until) {
    int ready = epoll_wait(poller, events, 256, 500);
    for (int i = 0; i < ready; i++) {
      struct client *client = events[i].data.ptr;
      int room = sizeof client->answer - 1 - client->length;
      int came = recv(client->socket, client->answer + client->length, room, 0);
      int ended = came <= 0;
      if (!ended) client->length += came;
      int whole = is_whole(client);
      if (!ended && (!whole || !keeps_alive)) continue; /* a connection each: to its end */
      if (whole) note_answer(client);
      else { answered++; refused++; }
      if (ended) {
        close(client->socket);
        if (asked < count) dial(client);
      }
      if (asked < count) ask(client);
      else open--;
    }
  }
}

/* ---- UDP ---- */

struct question {
  long peer;
  double sent_at;
  int waits;
};

static int sockets[UDP_SOCKETS];
static uint8_t connection_ids[UDP_SOCKETS][8];
static struct question questions[MAX_WINDOW];

static void put(uint8_t *at, uint32_t value) {
  value = htonl(value);
  memcpy(at, &value, 4);
}

static uint32_t take(const uint8_t *at) {
  uint32_t value;
  memcpy(&value, at, 4);
  return ntohl(value);
}

static void connect_udp(int which) {
  struct sockaddr_in address = tracker();
  struct timeval patience = {.tv_usec = 300000};
  int size = 4 << 20;
  uint8_t packet[16], reply[64];
  int sock = sockets[which] = socket(AF_INET, SOCK_DGRAM, 0);
  setsockopt(sock, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (connect(sock, (struct sockaddr *)&address, sizeof address)) fail("connect");
  put(packet, 0x417);
  put(packet + 4, 0x27101980);
  put(packet + 8, 0);
  put(packet + 12, which);
  for (int tries = 0; tries < 20; tries++) {
    send(sock, packet, sizeof packet, 0);
    if (recv(sock, reply, sizeof reply, 0) != 16 || take(reply + 4) != (uint32_t)which) continue;
    memcpy(connection_ids[which], reply + 8, 8);
    fcntl(sock, F_SETFL, O_NONBLOCK);
    return;
  }
  fprintf(stderr, "No connection ID from UDP port %d\n", port);
  exit(1);
}

static void send_question(int slot) {
  struct question *question = &questions[slot];
  long peer = question->peer;
  uint8_t packet[98] = {0};
  char id[21];
  memcpy(packet, connection_ids[slot % UDP_SOCKETS], 8);
  put(packet + 8, 1);
  put(packet + 12, slot);
  info_hash(peer % swarms, packet + 16);
  snprintf(id, sizeof id, "-VL0001-%012ld", peer);
  memcpy(packet + 36, id, 20);
  put(packet + 68, peer % 4 == 0 ? 0 : 1 << 20);
  put(packet + 80, is_start ? 2 : 0);
  put(packet + 92, WANTED);
  packet[96] = (1024 + peer / swarms) >> 8;
  packet[97] = (1024 + peer / swarms) & 255;
  question->sent_at = seconds();
  question->waits = 1;
  send(sockets[slot % UDP_SOCKETS], packet, sizeof packet, 0);
}

static void run_udp(void) {
  uint8_t reply[4096];
  struct epoll_event events[UDP_SOCKETS];
  poller = epoll_create1(0);
  for (int i = 0; i < UDP_SOCKETS; i++) {
    connect_udp(i);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
    epoll_ctl(poller, EPOLL_CTL_ADD, sockets[i], &event);
  }
  for (int slot = 0; slot < window && asked < count; slot++) {
    questions[slot].peer = next_peer();
    send_question(slot);
  }
  double looked = seconds();
  while (answered < count && seconds() < until) {
    int ready = epoll_wait(poller, events, UDP_SOCKETS, 200);
    for (int i = 0; i < ready; i++) {
      int which = events[i].data.u32;
      int length;
      while ((length = recv(sockets[which], reply, sizeof reply, 0)) >= 8) {
        uint32_t slot = take(reply + 4);
        if (slot >= (uint32_t)window || !questions[slot].waits) continue;
        if (take(reply) == 1 && length >= 20) got += (length - 20) / 6;
        else if (refused++ == 0) fprintf(stderr, "Unexpected: %.*s\n", length - 8, reply + 8);
        answered++;
        questions[slot].waits = 0;
        if (asked >= count) continue;
        questions[slot].peer = next_peer();
        send_question(slot);
      }
    }
    if (seconds() - looked < 0.5) continue;
    looked = seconds();
    for (int slot = 0; slot < window; slot++) {
      if (!questions[slot].waits || looked - questions[slot].sent_at < 1) continue;
      resent++;
      send_question(slot);
    }
  }
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "hashes") == 0) {
    for (long swarm = 0; swarm < atol(argv[2]); swarm++) {
      uint8_t hash[20];
      info_hash(swarm, hash);
      for (int i = 0; i < 20; i++) printf("%02x", hash[i]);
      printf("\n");
    }
    return 0;
  }
  if (argc != 9) {
    fprintf(stderr, "The head of tracker_load.c says how to call it\n");
    return 2;
  }
  port = atoi(argv[2]);
  is_start = strcmp(argv[3], "started") == 0;
  peers = atol(argv[4]);
  swarms = atol(argv[5]);
  count = is_start ? peers : atol(argv[6]);
  window = atol(argv[7]) < MAX_WINDOW ? atol(argv[7]) : MAX_WINDOW;
  double begun = seconds();
  until = begun + atof(argv[8]);
  is_proxy = strcmp(argv[1], "proxied") == 0;
  keeps_alive = is_proxy || strcmp(argv[1], "keepalive") == 0;
  if (strcmp(argv[1], "udp") == 0) run_udp();
  else run_http();
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  double cpu = used.ru_utime.tv_sec + used.ru_stime.tv_sec +
               (used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
  printf("{\"answered\":%ld,\"refused\":%ld,\"resent\":%ld,\"peersPerAnswer\":%.1f,"
         "\"seconds\":%.3f,\"cpu\":%.3f}\n",
         answered, refused, resent, answered ? (double)got / answered : 0, seconds() - begun, cpu);
  return 0;
}
