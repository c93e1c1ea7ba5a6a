export const dynamic = 'force-dynamic';

export default function Page() {
  return <p>{`hello from generation ${process.env.SERVER_STARTER_GENERATION}`}</p>;
}
