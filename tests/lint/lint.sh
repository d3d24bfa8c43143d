# The verbs `lint` and `format` of ./dev, which sources this file and gives it the verb.
# shellcheck shell=bash disable=SC2154 # what ./dev gives it: root, jobs

lint() {
  local failed=() files
  setup lint
  configure dev
  mapfile -t files < <(our_files '*.h' '*.cc' '*.cpp')

  step lint "layers" lint-layers tests/lint/check_layers.py || failed+=(layers)
  step lint "headers compile alone" lint-headers \
    cmake --build build/dev --parallel "$jobs" --target mp_headers_alone || failed+=(headers)
  step lint "format of ${#files[@]} files" lint-format check_format || failed+=("format (./dev format mends it)")
  tidy || failed+=(clang-tidy)
  mapfile -t files < <(git grep --untracked -lE '^#!/.*[/ ](ba)?sh$'; our_files '*.sh')
  step lint "shellcheck of ${#files[@]} scripts" lint-shellcheck shellcheck --external-sources "${files[@]}" ||
    failed+=(shellcheck)

  ((${#failed[@]} == 0)) || fail "lint: $(printf '%s, ' "${failed[@]}" | sed 's/, $//')"
  line lint "nothing to complain about"
}

# A line for each file that is not as clang-format would have it.
check_format() {
  clang-format-14 --dry-run -Werror "${files[@]}" 2>&1 | sed -nE 's/^([^ :]+):[0-9:]+ error: code should be.*/\1/p' | uniq -c
}

# clang-tidy takes 20 s a file and more, so it reads what changed; in CI six of those at most, and tests last.
tidy() {
  local files what
  mapfile -t files < <(changed_sources)
  what="clang-tidy of ${#files[@]} changed files"
  if [[ -n ${CI:-} ]] && ((${#files[@]} > 6)); then
    what="clang-tidy of 6 of ${#files[@]} changed files"
    files=("${files[@]:0:6}")
  fi
  if ((${#files[@]} == 0)); then
    line lint "$what"
  else
    step lint "$what" lint-tidy run_tidy
  fi
}

run_tidy() {
  # Clang can't read what GCC has precompiled, and each source includes what it uses.
  mkdir -p build/dev/lint
  sed -E 's/ -Winvalid-pch| -fpch-preprocess| -include [^ ]*cmake_pch\.hxx//g' build/dev/compile_commands.json \
    >build/dev/lint/compile_commands.json
  printf '%s\n' "${files[@]}" | xargs --max-procs="$jobs" --max-args=1 clang-tidy-16 --quiet -p build/dev/lint 2>&1 |
    sed -E '/^[0-9]+ warnings?( and .*)? generated\.$/d' # it counts those of the system's headers, too
}

# The compiled files that changed since the branch left main, or else in the last commit; a header counts for the source
# of its name.
changed_sources() {
  local base file
  base=$(git merge-base HEAD origin/main 2>/dev/null) || base=
  if [[ -z $base || $base == $(git rev-parse HEAD) ]]; then
    base=$(git rev-parse --verify --quiet HEAD~1) || base=$(git hash-object -t tree /dev/null)
  fi
  {
    git diff --name-only "$base"
    git ls-files --others --exclude-standard
  } | sed -nE 's/\.h$/.cc/; /\.(cc|cpp)$/p' | sort -u | while read -r file; do
    if grep -qF "\"$root/$file\"" build/dev/compile_commands.json; then echo "$file"; fi
  done | sed 's/^tests/~&/' | sort | sed 's/^~//'
}

# our_files PATTERN...: the files that git knows, or would if they were added.
our_files() {
  local file
  git ls-files --cached --others --exclude-standard --deduplicate -- "$@" | while read -r file; do
    if [[ -e $file ]]; then echo "$file"; fi
  done
}

# Also where the tree belongs to somebody else, as it may in a container.
git() { command git -c safe.directory="$root" "$@"; }

format() {
  local files
  setup lint
  mapfile -t files < <(our_files '*.h' '*.cc' '*.cpp')
  step format "${#files[@]} files" format clang-format-14 -i "${files[@]}" || fail "format: see above"
}

"$1"
