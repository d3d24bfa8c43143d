// A producer and a consumer, as classes of processes that share a queue.

#include <mp/local/queue.h>
#include <mp/process.h>

#include <iostream>
#include <random>

class Producer : public mp::Process {
 public:
  explicit Producer(mp::Queue<int> queue) : queue_(queue) {}

  void run() override {
    std::mt19937 random(std::random_device{}());
    for (int i = 0; i < 10; ++i) {
      queue_.put(static_cast<int>(random() % 256));
      std::cout << "Process Producer : item " << i << " appended to queue " << name() << '\n';
      std::cout << "The size of queue is " << queue_.qsize() << std::endl;
    }
  }

 private:
  mp::Queue<int> queue_;
};

class Consumer : public mp::Process {
 public:
  explicit Consumer(mp::Queue<int> queue) : queue_(queue) {}

  void run() override {
    while (auto item = queue_.try_get())
      std::cout << "Process Consumer : an item popped by " << name() << '\n';
    std::cout << "the queue is empty" << std::endl;
  }

 private:
  mp::Queue<int> queue_;
};

int main() {
  mp::Queue<int> queue;
  Producer producer(queue);
  Consumer consumer(queue);
  producer.start();
  producer.join();
  consumer.start();
  consumer.join();
}
