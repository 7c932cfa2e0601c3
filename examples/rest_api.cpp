// SPDX-License-Identifier: MIT
// Create, read, update and delete with JSON in and out:
//   curl -i --json '{"title":"buy milk"}' http://127.0.0.1:8080/tasks
//   curl -i -X PUT --json '{"title":"buy milk","done":true}' http://127.0.0.1:8080/tasks/1
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>
#include <weir/json.hpp>
#include <weir/weir.hpp>

namespace {

using nlohmann::json;

struct NewTask {
  std::string title;
  bool done = false;
};
struct Task : NewTask {
  int id = 0;
};

void from_json(const json& in, NewTask& task) {
  in.at("title").get_to(task.title);
  if (in.contains("done")) in.at("done").get_to(task.done);
}
void to_json(json& out, const Task& task) {
  out = {{"id", task.id}, {"title", task.title}, {"done", task.done}};
}

/// The tasks by their numbers. Handlers run on several threads at once: hence the lock.
class Tasks {
 public:
  Task add(NewTask task) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const int id = ++last_id_;
    return tasks_[id] = Task{std::move(task), id};
  }
  std::optional<Task> find(int id) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = tasks_.find(id);
    return found == tasks_.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<Task> replace(int id, NewTask task) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = tasks_.find(id);
    if (found == tasks_.end()) return std::nullopt;
    return found->second = Task{std::move(task), id};
  }
  bool remove(int id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return tasks_.erase(id) == 1;
  }
  std::vector<Task> all() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<Task> all;
    for (const auto& [id, task] : tasks_) all.push_back(task);
    return all;
  }

 private:
  mutable std::mutex mutex_;
  std::map<int, Task> tasks_;
  int last_id_ = 0;
};

/// The number in the path. `{id:int}` lets 64 bits through: what no task can have is 0, as none
/// has.
int id_of(const weir::Request& req) { return req.param<int>("id").value_or(0); }

}  // namespace

int main() {
  Tasks tasks;
  weir::Server server;

  server.on_error([](const weir::Error& error, weir::Response& res) {
    if (error.thrown == nullptr) res = weir::problem(error.status, {}, error.message);
  });
  server.group("/tasks", [&tasks](weir::Router& api) {
    api.get("", weir::json_handler([&tasks] { return tasks.all(); }));
    api.post("", weir::json_handler([&tasks](NewTask task) {
               const Task added = tasks.add(std::move(task));
               weir::Response res(weir::Status::created);
               res.header("Location", "/tasks/" + std::to_string(added.id)).json(added);
               return res;
             }));
    api.get("/{id:int}", weir::json_handler([&tasks](const weir::Request& req) {
              return tasks.find(id_of(req));  // nothing is 404
            }));
    api.put("/{id:int}", weir::json_handler([&tasks](const weir::Request& req, NewTask task) {
              return tasks.replace(id_of(req), std::move(task));
            }));
    api.del("/{id:int}", weir::json_handler([&tasks](const weir::Request& req) {
              return tasks.remove(id_of(req)) ? weir::Status::no_content : weir::Status::not_found;
            }));
  });

  server.listen("127.0.0.1", 8080);
  return server.run();
}
