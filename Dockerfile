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
ENV NODE_ENV=production
WORKDIR /app
# package.json makes the built files ES modules.
COPY --from=build /build/package.json ./
COPY --from=build /build/dist/cli ./dist/cli
# Owned by root, run by a plain user: the program cannot change itself.
USER node
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["run"]
