// SPDX-License-Identifier: MIT
#pragma once
#include <exception>
#include <system_error>
#include <utility>
#include <weir/detail/file_handler.hpp>
#include <weir/detail/file_listing.hpp>
#include <weir/detail/file_routes.hpp>
#include <weir/error.hpp>
#include <weir/log.hpp>
#include <weir/router.hpp>

WEIR_BEGIN_NAMESPACE
namespace detail {

/// A key that names nothing: paths with an empty segment are no paths of files.
inline constexpr std::string_view kNoFile = "//";

WEIR_INLINE void FileHandler::operator()(const Request& request, Response& response) const {
  http::FilePath path;
  if (http::to_file_path(request.param(kFileParam), store_->options().dot_files, path) !=
      http::FilePathError::none) {
    if (!wants_fallback(request, store_->options())) throw HttpError(Status::not_found);
    look(response.defer(), std::string(kNoFile), nullptr);
    return;
  }
  const FileCache::Found found = store_->cache().find(key_of(path), request.received_at());
  if (found.resource != nullptr && !found.is_due) {
    answer(request, *found.resource, response);
    return;
  }
  look(response.defer(), std::string(key_of(path)), found.resource);
}

WEIR_INLINE void FileHandler::answer(const Request& request, const FileResource& resource,
                                     Response& response) const {
  answer_resource(request, resource, store_->options(), response);
}

/// Has a worker look at the disk.
WEIR_INLINE void FileHandler::look(Reply reply, std::string key,
                                   const std::shared_ptr<const FileResource>& known) const {
  net::Task task = [self = *this, reply, key = std::move(key), known]() mutable {
    try {
      self.load(reply, key, known);
    } catch (const HttpError& error) {
      reply.error(error.status(), error.what());
    } catch (const std::exception& error) {
      static log::Limiter limiter;
      log::write_limited(limiter, log::Level::error,
                         std::string("a file could not be served: ") + error.what());
      reply.error(Status::internal_server_error);
    }
  };
  if (reply.run_on_worker(task)) return;
  if (known == nullptr) {
    reply.error(Status::service_unavailable, "too many requests wait for a worker");
    return;
  }
  Response response;  // what was there a moment ago is better than nothing
  answer(reply.request(), *known, response);
  reply.send(std::move(response));
}

WEIR_INLINE void FileHandler::load(Reply& reply, const std::string& key,
                                   const std::shared_ptr<const FileResource>& known) const {
  const auto now = reply.request().received_at();  // the look comes later
  http::FilePath path;
  FileStore::Loaded loaded;
  if (http::to_file_path(key, DotFiles::allowed, path) == http::FilePathError::none)
    loaded = store_->load(path, known);
  Response response;
  if (loaded.resource != nullptr) {
    store_->cache().put(key, loaded.resource, now);
    answer(reply.request(), *loaded.resource, response);
  } else if (!loaded.listing.empty()) {
    answer_listing(loaded.listing, response);
  } else if (loaded.error != 0) {
    throw std::system_error(loaded.error, std::generic_category(), key);
  } else {
    if (known != nullptr) store_->cache().forget(key);
    if (!fall_back(reply.request(), response)) {
      reply.error(Status::not_found);
      return;
    }
  }
  reply.send(std::move(response));
}

/// What a browser gets where there is no file, if anything. On a worker.
WEIR_INLINE bool FileHandler::fall_back(const Request& request, Response& response) const {
  if (!wants_fallback(request, store_->options())) return false;
  const std::string& name = store_->options().fallback;
  const auto now = request.received_at();
  FileCache::Found found = store_->cache().find(name, now);
  if (found.resource == nullptr || found.is_due) {
    http::FilePath path;
    path.text = name;
    found.resource = store_->load(path, found.resource).resource;
    if (found.resource == nullptr) return false;
    store_->cache().put(name, found.resource, now);
  }
  answer(request, *found.resource, response);
  return true;
}

}  // namespace detail

WEIR_INLINE Router& Router::files(std::string_view prefix, const std::string& directory,
                                  const FileOptions& options) {
  detail::add_file_routes(
      *this, prefix, detail::FileHandler(std::make_shared<detail::FileStore>(directory, options)));
  return *this;
}

WEIR_END_NAMESPACE
