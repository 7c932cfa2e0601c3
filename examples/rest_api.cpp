// SPDX-License-Identifier: MIT
// Create, read, update and delete with JSON in and out:
//   curl -i -d '{"title":"buy milk"}' http://127.0.0.1:8080/tasks
//   curl -i -X PUT -d '{"title":"buy milk","done":true}' http://127.0.0.1:8080/tasks/1
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <weir/weir.hpp>

namespace {

using nlohmann::json;

struct Task {
  std::string title;
  bool done = false;
};

/// The tasks by their numbers. Handlers run on several threads at once: hence the lock.
class Tasks {
 public:
  int add(Task task) {
    const std::lock_guard<std::mutex> lock(mutex_);
    tasks_[++last_id_] = std::move(task);
    return last_id_;
  }
  std::optional<Task> find(int id) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = tasks_.find(id);
    return found == tasks_.end() ? std::nullopt : std::optional<Task>(found->second);
  }
  bool replace(int id, Task task) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = tasks_.find(id);
    if (found == tasks_.end()) return false;
    found->second = std::move(task);
    return true;
  }
  bool remove(int id) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return tasks_.erase(id) == 1;
  }
  std::map<int, Task> all() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return tasks_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<int, Task> tasks_;
  int last_id_ = 0;
};

/// A client may have sent bytes that are no UTF-8: they are replaced, not thrown at.
std::string to_text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json to_json(int id, const Task& task) {
  return {{"id", id}, {"title", task.title}, {"done", task.done}};
}

/// The task in a request's content; 400 where there is none.
Task read_task(const weir::Request& req) {
  const json given = json::parse(req.body(), nullptr, false);
  if (!given.is_object() || !given.contains("title") || !given["title"].is_string())
    throw weir::HttpError{weir::Status::bad_request, "expected {\"title\": string}"};
  const auto done = given.find("done");
  if (done != given.end() && !done->is_boolean())
    throw weir::HttpError{weir::Status::bad_request, "\"done\" must be true or false"};
  return {given["title"].get<std::string>(), done != given.end() && done->get<bool>()};
}

/// The number in the path. `{id:int}` lets 64 bits through: what no task can have is 404 as well.
int id_of(const weir::Request& req) {
  const std::optional<int> id = req.param<int>("id");
  if (!id) throw weir::HttpError{weir::Status::not_found, "no such task"};
  return *id;
}

}  // namespace

int main() {
  Tasks tasks;
  weir::Server server;

  server.on_error([](const weir::Error& error, weir::Response& res) {
    const std::string_view text = error.message.empty() ? reason(error.status) : error.message;
    res.json(to_text({{"status", static_cast<int>(error.status)}, {"error", text}}));
  });
  server.group("/tasks", [&tasks](weir::Router& api) {
    api.get("", [&tasks](const weir::Request&, weir::Response& res) {
      json list = json::array();
      for (const auto& [id, task] : tasks.all()) list.push_back(to_json(id, task));
      res.json(to_text(list));
    });
    api.post("", [&tasks](const weir::Request& req, weir::Response& res) {
      const Task task = read_task(req);
      const int id = tasks.add(task);
      res.status(weir::Status::created).header("Location", "/tasks/" + std::to_string(id));
      res.json(to_text(to_json(id, task)));
    });
    api.get("/{id:int}", [&tasks](const weir::Request& req, weir::Response& res) {
      const std::optional<Task> task = tasks.find(id_of(req));
      if (!task) throw weir::HttpError{weir::Status::not_found, "no such task"};
      res.json(to_text(to_json(id_of(req), *task)));
    });
    api.put("/{id:int}", [&tasks](const weir::Request& req, weir::Response& res) {
      const Task task = read_task(req);
      if (!tasks.replace(id_of(req), task))
        throw weir::HttpError{weir::Status::not_found, "no such task"};
      res.json(to_text(to_json(id_of(req), task)));
    });
    api.del("/{id:int}", [&tasks](const weir::Request& req) {
      if (!tasks.remove(id_of(req))) throw weir::HttpError{weir::Status::not_found, "no such task"};
      return weir::Status::no_content;
    });
  });

  server.listen("127.0.0.1", 8080);
  return server.run();
}
