-- For wrk: sends the requests of a file, and prints what came of them as one line of JSON.
--
-- Arguments: the file, in which requests end with NUL; and the status that each answer has to have,
-- or 0 where wrk's own count of failures will do (to look at each answer slows wrk down). A single
-- request is sent again and again, several each once.

local requests, at, threads = {}, 0, {}
sent, ran_out, wrong, first_wrong = 0, 0, 0, ""

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for one in file:read("*a"):gmatch("([^%z]+)%z") do
    requests[#requests + 1] = one
  end
  file:close()
  local expected = tonumber(args[2])
  if expected > 0 then
    response = function(status, headers, body)
      if status ~= expected then
        wrong = wrong + 1
        if first_wrong == "" then
          first_wrong = status .. " " .. body:sub(1, 400)
        end
      end
    end
  end
end

function request()
  sent = sent + 1
  if #requests == 1 then
    return requests[1]
  end
  at = at + 1
  if at > #requests then
    ran_out = 1
    wrk.thread:stop()
    return requests[#requests]
  end
  return requests[at]
end

function done(summary, latency)
  local missed, words, out, written = 0, "", 0, 0
  for _, thread in ipairs(threads) do
    missed = missed + thread:get("wrong")
    out = out + thread:get("ran_out")
    written = written + thread:get("sent")
    words = words .. thread:get("first_wrong")
  end
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests": %d, "sent": %d, "microseconds": %d, "bytes": %d, "p50": %d, "p99": %d, ' ..
    '"broken": %d, "failed": %d, "wrong": %d, "ran_out": %d}\n',
    summary.requests, written, summary.duration, summary.bytes,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.timeout, errors.status, missed, out))
  if words ~= "" then
    io.write("WRONG " .. words:gsub("%s+", " ") .. "\n")
  end
end
