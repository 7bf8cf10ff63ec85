# MonitorLift outside Azure Functions: it keeps the schedules itself. Settings are environment variables.
#   docker build -t monitorlift .
#   docker run --env-file monitorlift.env monitorlift

FROM node:24-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
# package.json makes the built files ES modules.
COPY --from=build /build/package.json ./
COPY --from=build /build/dist ./dist
USER node
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["run"]
