# shellcheck shell=bash
# The test images shoal-test:1, :2 and :3: one root file system of 3 MB (busybox and the libraries it needs) with three
# values of VERSION, which serves /www on port 80; /cgi-bin/version tells VERSION and the container's hostname.
# Written once as an archive like that of `docker save`, the same byte for byte, so ids are the same on every host.

readonly IMAGES=$CACHE/shoal-test.tar

images_build() {
  local work=$CACHE/work
  [[ ! -s $IMAGES ]] || return 0
  (
    lock_made "$CACHE"
    [[ ! -s $IMAGES ]] || exit 0
    rm -rf "$work"
    mkdir -p "$work"/{root,archive}
    images_fetch_busybox "$work"
    images_root "$work/root"
    images_archive "$work/root" "$work/archive"
    mv "$work/archive.tar" "$IMAGES"
    rm -rf "$work"
  )
}

# The dynamic busybox: the static one crashes when it looks up a name.
images_fetch_busybox() { # WORK
  (cd "$1" && apt-get download -qq -o APT::Sandbox::User=root busybox) ||
    die 'cannot download the busybox package' "apt-get update, or put busybox_*.deb into $1 by hand"
  dpkg-deb --extract "$1"/busybox_*.deb "$1/deb"
}

images_root() { # ROOT
  local root=$1 busybox=$1/../deb/bin/busybox file
  mkdir -p "$root"/{bin,etc,proc,sys,dev,tmp,root,www/cgi-bin}
  cp "$busybox" "$root/bin/busybox"
  for file in $("$busybox" --list); do [[ $file == busybox ]] || ln -s busybox "$root/bin/$file"; done
  ldd "$busybox" | grep -o '/[^ ]*' | while read -r file; do install -D "$file" "$root/$file"; done
  printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\n' >"$root/etc/group"
  printf 'shoal test image\n' >"$root/www/index.html"
  cat >"$root/www/cgi-bin/version" <<'CGI'
#!/bin/sh
printf 'Content-Type: text/plain\r\n\r\n%s %s\n' "$VERSION" "$(hostname)"
CGI
  cat >"$root/bin/serve" <<'SERVE'
#!/bin/sh
# A bare applet as pid 1 would ignore SIGTERM.
trap 'exit 0' TERM INT
httpd -f -p 80 -h /www &
wait
SERVE
  chmod 755 "$root/www/cgi-bin/version" "$root/bin/serve"
}

images_archive() { # ROOT ARCHIVE-DIR, written to ARCHIVE-DIR.tar
  local root=$1 archive=$2 version layer config manifest=()
  images_tar "$root" "$archive/layer.tar"
  layer=$(sha256sum <"$archive/layer.tar")
  for version in 1 2 3; do
    config=$(images_config "$version" "${layer%% *}")
    echo "$config" >"$archive/$version.json"
    manifest+=("{\"Config\":\"$version.json\",\"RepoTags\":[\"shoal-test:$version\"],\"Layers\":[\"layer.tar\"]}")
  done
  (IFS=, && echo "[${manifest[*]}]") >"$archive/manifest.json"
  images_tar "$archive" "$archive.tar"
}

images_tar() { # DIRECTORY FILE
  tar --create --file "$2.new" --sort name --mtime @0 --owner 0 --group 0 --numeric-owner --directory "$1" .
  mv "$2.new" "$2"
}

images_config() { # VERSION LAYER-SHA256
  cat <<JSON
{"architecture": "$(dpkg --print-architecture)", "os": "linux", "created": "1970-01-01T00:00:00Z",
 "config": {"Env": ["PATH=/bin", "VERSION=$1"], "Cmd": ["serve"], "Labels": {"version": "$1"},
  "ExposedPorts": {"80/tcp": {}}},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$2"]},
 "history": [{"created": "1970-01-01T00:00:00Z", "created_by": "scripts/cluster"}]}
JSON
}

# Loads the images into HOST's engine, unless it has had this very archive.
images_load() { # HOST [--again]
  local loaded=$DATA/$1/images
  if [[ -z ${2-} && $loaded -nt $IMAGES ]]; then return; fi
  curl --silent --show-error --fail --max-time 60 --unix-socket "$(host_socket "$1")" --request POST \
    --header 'Content-Type: application/x-tar' --upload-file "$IMAGES" http://engine/images/load >/dev/null ||
    die "cannot load the test images on $1" "$(self images)"
  : >"$loaded"
}

images_load_again() { images_load "$1" --again; }

command_images() {
  local host running=()
  lock_cluster -x
  images_build
  for host in $(host_names); do
    if host_is_on "$host" && ! host_is_frozen "$host" && engine_answers "$host"; then running+=("$host"); fi
  done
  parallel images_load_again "${running[@]}"
}
