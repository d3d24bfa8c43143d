// A manager on a TCP port, with a token; one program puts into a queue of it, another one gets.

#include <mp/mp.h>

#include <iostream>
#include <string>

void produce(const std::string& address) {
  auto manager = mp::Manager::connect(address, {.token = "abracadabra"});
  manager.queue<std::string>("letters").put("hello");
}

void consume(const std::string& address) {
  auto manager = mp::Manager::connect(address, {.token = "abracadabra"});
  std::cout << manager.queue<std::string>("letters").get() << std::endl;
}

int main() {
  mp::Manager manager({.address = "127.0.0.1:0", .token = "abracadabra"});

  mp::Process consumer(consume, manager.address());
  mp::Process producer(produce, manager.address());
  consumer.start();
  producer.start();
  producer.join();
  consumer.join();

  try {
    mp::Manager::connect(manager.address(), {.token = "open sesame"});
  } catch (const mp::AuthenticationError& error) {
    std::cout << error.what() << '\n';
  }
}
