# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # names are shared with install.sh
# Part of install.sh: the files of Shoal itself, one directory for each version.

# Names a version by everything it is made from.
source_hash() {
  (
    cd "$SOURCE" || exit 1
    find agent protocol console bin install.sh package.json package-lock.json scripts/build.ts scripts/package.ts \
      scripts/install.d -path console/dist -prune -o -type f -print | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -c 1-16
  )
}

needs_build() { [ ! -x "$TARGET/bin/shoal" ]; }

# Builds in a directory of its own, so that the checkout stays as it is, and moves the result into place whole.
build() {
  needs_build || return 0
  change "build version ${TARGET##*/} (takes a minute)" || return 0
  mkdir -p "$PREFIX"
  work=$(mktemp -d "$PREFIX/.build.XXXXXX")
  CLEANUP="$CLEANUP $work"
  for path in agent protocol console bin scripts install.sh package.json package-lock.json .npmrc tsconfig.json LICENSE README.md; do
    [ ! -e "$SOURCE/$path" ] || cp -R "$SOURCE/$path" "$work/"
  done
  if [ -n "${INSTALL_SHOAL_NODE_MODULES:-}" ]; then
    case $(realpath "$INSTALL_SHOAL_NODE_MODULES") in
      */node_modules) ;;
      *) die 'INSTALL_SHOAL_NODE_MODULES must name a directory node_modules' ;;
    esac
    ln -s "$(realpath "$INSTALL_SHOAL_NODE_MODULES")" "$work/node_modules"
  else
    quietly "$work/scripts/install.d/npm-ci" "$work"
  fi
  node=$work/node_modules/.bin/node
  [ -x "$node" ] || die 'npm ci brought no Node.js for this machine'
  (cd "$work" && quietly "$node" scripts/build.ts && quietly "$node" scripts/package.ts "$work/.package") || exit 1
  chmod 755 "$work/.package"
  mv "$work/.package" "$TARGET"
  rm -rf "$work"
}

# Switches to the version; the one before stays for a way back, older ones go.
activate() {
  before=$(readlink "$PREFIX/current" || :)
  if [ "$before" != "$TARGET" ]; then
    if change "use version ${TARGET##*/}"; then
      ln -sfn "$TARGET" "$PREFIX/.current.new"
      mv -T "$PREFIX/.current.new" "$PREFIX/current"
      RESTART=yes
      for old in "$PREFIX"/[0-9]*; do
        [ "$old" = "$TARGET" ] || [ "$old" = "$before" ] || rm -rf "$old"
      done
    fi
  fi
  [ "$(readlink "$LINK" || :)" = "$PREFIX/current/bin/shoal" ] && return
  change "put shoal into ${LINK%/*}" || return 0
  [ ! -e "$LINK" ] || [ -L "$LINK" ] || die "$LINK exists and is not ours" "move it away"
  mkdir -p "${LINK%/*}"
  ln -sfn "$PREFIX/current/bin/shoal" "$LINK"
}
