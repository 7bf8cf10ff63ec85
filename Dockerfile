# MonitorLift outside Azure Functions: it keeps the schedules itself. Settings are environment variables.
#   docker build --tag monitorlift .
#   docker run --env-file monitorlift.env monitorlift            # or another verb: ... monitorlift check

FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# Not `npm run build`, which would look whether everything is installed, and install it again.
RUN node scripts/build.ts

FROM node:24-slim
ARG SOURCE=""
ARG REVISION=""
LABEL org.opencontainers.image.title="MonitorLift" \
      org.opencontainers.image.description="Exports Application Insights telemetry from Azure Monitor Logs to a data lake" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="$SOURCE" \
      org.opencontainers.image.revision="$REVISION"
ENV NODE_ENV=production
WORKDIR /app
# package.json makes the built files ES modules.
COPY --from=build /build/package.json ./
COPY --from=build /build/dist/cli ./dist/cli
# Owned by root, run by a plain user: the program cannot change itself.
USER node
# Reads the sink only. After an outage the exports are behind for a while, and healthy again when they have caught up.
HEALTHCHECK --interval=5m --timeout=1m --start-period=10m --retries=3 CMD ["node", "dist/cli/main.js", "status"]
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["run"]
