# yoloport with what it needs to run, and nothing else: docs/installing.md.
#
#   docker build -t yoloport .
#   docker run --rm -u "$(id -u):$(id -g)" -v "$PWD:/work" yoloport export config.py checkpoint.pth
FROM debian:12-slim AS build
WORKDIR /src
COPY . .
# The package says itself what it depends on.
RUN apt-get update && apt-get install -y --no-install-recommends make && make deb
RUN mkdir -p /out/usr/share/yoloport && \
    dpkg-deb --extract build/packages/yoloport_*.deb /out && \
    dpkg-deb -f build/packages/yoloport_*.deb Depends | sed 's/ ([^)]*)//g; s/,//g' >/out/usr/share/yoloport/depends

FROM debian:12-slim
COPY --from=build /out/ /
RUN apt-get update && \
    apt-get install -y --no-install-recommends $(cat /usr/share/yoloport/depends) && \
    rm -rf /var/lib/apt/lists/* && \
    useradd --create-home yoloport && \
    mkdir /work && chown yoloport: /work
USER yoloport
WORKDIR /work
ENTRYPOINT ["yoloport"]
