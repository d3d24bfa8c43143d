// A process that others connect to, by an address and a key, whoever started them.

#include <mp/local/listener.h>
#include <mp/process.h>

#include <iostream>
#include <numeric>
#include <vector>

void ask(const mp::Address& address) {
  const mp::Connection connection = mp::Client(address, {.authkey = mp::Bytes("secret")});
  connection.send(std::vector{1, 2, 3});
  std::cout << "the sum is " << connection.recv<int>() << '\n';
}

int main() {
  const mp::Listener listener(mp::Address("localhost", 0), {.authkey = mp::Bytes("secret")});
  mp::Process child(ask, listener.address());
  child.start();
  const mp::Connection connection = listener.accept();
  const auto numbers = connection.recv<std::vector<int>>();
  connection.send(std::accumulate(numbers.begin(), numbers.end(), 0));
  child.join();
}
